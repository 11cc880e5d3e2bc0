import assert from 'node:assert/strict';
import { partnerLogin, startPortals, type TestPortals } from './http.ts';
import { partnerWithHoles } from './injection-routes.ts';
import { amber, basil, type MarketFixture } from './two-markets.ts';

export interface Answer {
  readonly rows?: Record<string, unknown>[];
  readonly error?: string;
}

/** The partner portal with holes in it, amber attacking, and what tells whether basil came to harm. */
export interface Drill {
  readonly portals: TestPortals;
  /** Basil's texts and ids: none may ever stand in an answer to amber, unless amber wrote it there. */
  readonly secrets: readonly string[];
  post(market: MarketFixture, path: string, body: object): Promise<Answer>;
  inject(sql: string, market?: MarketFixture): Promise<Answer>;
  inTransaction(statements: string[], market?: MarketFixture): Promise<Answer>;
  assertSilent(answer: unknown, sql: string): void;
  /** The neighbour's next request, and the attacker's own, are as if nothing had been. */
  assertUnharmed(after: string): Promise<void>;
  /** A digest of all that basil has, sessions aside. */
  theirRows(): Promise<string>;
}

/** One connection for everybody: whatever the attacker leaves, the neighbour gets. */
export async function startDrill(): Promise<Drill> {
  const portals = await startPortals({ portals: { partner: partnerWithHoles }, env: { DB_POOL_SIZE: '1' } });
  const tokens = {
    amber: await portals.token(partnerLogin('amber', 'owner')),
    basil: await portals.token(partnerLogin('basil', 'owner')),
  };
  const secrets = await theirSecrets(portals);

  const post: Drill['post'] = async (market, path, body) => {
    const answer = await portals.partner.browser().api('post', path, { token: tokens[market.side], body });
    assert.equal(answer.status, 200, answer.text);
    return answer.body as Answer;
  };
  return {
    portals,
    secrets,
    post,
    inject: (sql, market = amber) => post(market, '/drill/statements', { sql }),
    inTransaction: (statements, market = amber) => post(market, '/drill/transactions', { statements }),
    theirRows: () => theirRows(portals),
    assertSilent: (answer, sql) => {
      const text = JSON.stringify(answer);
      for (const secret of secrets) {
        if (!sql.includes(secret)) assert.ok(!text.includes(secret), `${sql} tells ${secret}`);
      }
    },
    assertUnharmed: async (after) => {
      for (const market of [basil, amber]) {
        const token = tokens[market.side];
        const answer = await portals.partner.browser().api('get', '/drill/offers', { token });
        const titles = (answer.body.rows as { titleEn: string }[] | undefined)?.map(({ titleEn }) => titleEn);
        const isOwn = titles?.length === 4 && titles.every((title) => title.startsWith(market.marker));
        assert.ok(isOwn, `${after}: ${answer.text}`);
      }
    },
  };
}

/** Each market's rows as JSON: its own row of `market`, and those of every table with a `market_id`. */
async function rowsAsJson(portals: TestPortals, without: readonly string[] = []): Promise<string> {
  const tables = await portals.sql<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'market_id' and table_name <> all($1)`,
    [without],
  );
  const each = tables.map(({ name }) => `select market_id, to_jsonb(t) as j from public.${name} t`);
  return [`select id as market_id, to_jsonb(t) as j from public.market t`, ...each].join(' union all ');
}

async function theirSecrets(portals: TestPortals): Promise<string[]> {
  const rows = await portals.sql<{ value: string }>(
    `select e.value from (${await rowsAsJson(portals)}) r, jsonb_each_text(j) e where length(e.value) > 12
     group by e.value having bool_and(market_id = $1)`,
    [basil.marketId],
  );
  return [basil.marker, ...rows.map(({ value }) => value)];
}

async function theirRows(portals: TestPortals): Promise<string> {
  const [row] = await portals.sql<{ digest: string }>(
    `select md5(string_agg(j::text, '|' order by j::text)) as digest
     from (${await rowsAsJson(portals, ['partner_session'])}) r where market_id = $1`,
    [basil.marketId],
  );
  return row!.digest;
}
