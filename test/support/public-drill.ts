import assert from 'node:assert/strict';
import { sql as statement } from '../../server/db/direct.ts';
import { Prisma } from '../../server/db/generated/client.ts';
import type { OpenDeps } from '../../server/deps.ts';
import { NOBODY, type Scope } from '../../server/market/scope.ts';
import { startPortals, type TestPortals } from './http.ts';
import type { Answer } from './injection-drill.ts';
import { asAnswer } from './injection-routes.ts';
import { amber, basil, publicScope } from './two-markets.ts';

/** Whom an injected statement runs as. */
export const ATTACKERS = {
  key: publicScope(amber, 'key'),
  visitor: publicScope(amber, 'visitor'),
  shopper: publicScope(amber, 'shopper'),
} as const;
export type Attacker = keyof typeof ATTACKERS;

/** Not found in any answer: rows of amber that the storefront does not show, and all of basil's. */
export const HIDDEN = { branch: amber.branch, limit: 4_711_007, claimed: 4_711_023 } as const;

/** SQL through the partner process's own public connection, and what tells whether it got anything or did harm. */
export interface PublicDrill {
  readonly portals: TestPortals;
  inject(scope: Scope, sql: string): Promise<Answer>;
  inTransaction(scope: Scope, statements: string[]): Promise<Answer>;
  /** Past Prisma: the statements of the busiest routes go this way. */
  directly(scope: Scope, sql: string): Promise<Answer>;
  /** Values that this attacker may not read, by where they stand. */
  readonly secrets: Readonly<Record<Attacker, readonly string[]>>;
  assertSilent(attacker: Attacker, answer: unknown, sql: string): void;
  /** A digest of every row of every table, what a key's own use leaves behind aside. */
  everything(): Promise<string>;
}

/** One connection for everybody. The storefront gets an end to it: drafts, a closed branch, hidden counters, claims. */
export async function startPublicDrill(): Promise<PublicDrill> {
  const portals = await startPortals({ env: { DB_POOL_SIZE: '1' } });
  await portals.sql(ARRANGE);
  const { database } = portals.partner.deps.open as OpenDeps;
  const secrets = {
    key: await secretsOf(portals, 'key'),
    visitor: await secretsOf(portals, 'visitor'),
    shopper: await secretsOf(portals, 'shopper'),
  };
  return {
    portals,
    secrets,
    inject: (scope, sql) => asAnswer(database.scoped(scope).$queryRaw(Prisma.raw(sql))),
    inTransaction: (scope, statements) =>
      asAnswer(
        database.scoped(scope).$transaction(async (tx) => {
          const rows: unknown[] = [];
          for (const sql of statements) rows.push(await tx.$queryRaw(Prisma.raw(sql)));
          return rows;
        }),
      ),
    directly: (scope, sql) => asAnswer(database.direct(scope).rows(injected(sql))),
    assertSilent: (attacker, answer, sql) => {
      const text = JSON.stringify(answer);
      for (const secret of secrets[attacker]) {
        if (!sql.includes(secret)) assert.ok(!text.includes(secret), `${sql}\ntells ${secret}`);
      }
    },
    everything: () => everything(portals),
  };
}

const ARRANGE = `
  update branch set state = 'closed', name_en = 'hidden: closed branch' where id = '${HIDDEN.branch}';
  update offer set claim_limit = 50 where id = '${amber.liveOffer}';
  update offer set claim_limit = ${HIDDEN.limit % 1_000_000} where id = '${amber.offer}';
  update offer_claims set claimed = 17 where offer_id = '${amber.liveOffer}';
  update offer_claims set claimed = ${HIDDEN.claimed} where offer_id = '${amber.offer}';
  insert into offer_branch (market_id, offer_id, branch_id)
    select market_id, '${amber.liveOffer}', id from branch where market_id = '${amber.marketId}';
  update event_day set events = ${HIDDEN.claimed}; update event_hour set events = ${HIDDEN.claimed}`;

const LIVE = `market_id = '${amber.marketId}' and state = 'live'`;

/** What the storefront shows, told by SQL of its own: everything else is secret. */
const shownRows = (attacker: Attacker): string => `
  select to_jsonb(m) - 'plan_id' - 'state_reason' - 'updated_at' as j from market m where id = '${amber.marketId}'
  union all select to_jsonb(o) from (select market_id, id, title_en, title_ar, text_en, text_ar, search_text, price,
      old_price, currency, category_id, image_id, starts_at, ends_at, claim_limit, claim_limit_per_shopper, state, created_at,
      updated_at from offer where ${LIVE}) o
  union all select to_jsonb(b) from branch b where market_id = '${amber.marketId}' and state = 'open'
  union all select to_jsonb(b) from offer_branch b where offer_id in (select id from offer where ${LIVE})
  union all select to_jsonb(i) from image i where id in (select image_id from offer where ${LIVE})
  union all select to_jsonb(c) from category c
  union all select to_jsonb(c) from offer_claims c where offer_id in (select id from offer where ${LIVE})
  ${attacker === 'key' ? `union all select to_jsonb(k) - 'created_by' - 'created_at' from publishable_key k where id = '${amber.key}'` : ''}
  ${attacker === 'shopper' ? OWN_ROWS : ''}`;
const OWN_ROWS = ['shopper_contact', 'shopper_phone', 'shopper_session', 'claim']
  .map((table) => `union all select to_jsonb(t) from ${table} t where shopper_id = '${amber.shopper}'`)
  .concat(`union all select to_jsonb(s) from shopper s where id = '${amber.shopper}'`)
  .join('\n');

/** Every row of every table, as JSON, as one query. */
export async function everyRow(
  portals: Pick<TestPortals, 'sql'>,
  without: readonly string[] = [],
): Promise<string> {
  const tables = await portals.sql<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
     and not relispartition and relname <> all($1)`,
    [[...without, '_prisma_migrations']],
  );
  return tables.map(({ name }) => `select to_jsonb(t) as j from public.${name} t`).join(' union all ');
}

/** Long texts tell themselves apart from anything else; of the short ones, codes and counts do. */
export async function secretsOf(portals: Pick<TestPortals, 'sql'>, attacker: Attacker): Promise<string[]> {
  const rows = await portals.sql<{ value: string }>(
    `select e.value from (${await everyRow(portals)}) r, jsonb_each_text(j) e
     where length(e.value) > 12 or e.key = 'code' or e.value = '${HIDDEN.claimed}'
     except select '${NOBODY}'
     except select e.value from (${shownRows(attacker)}) r, jsonb_each_text(j) e`,
  );
  // Instants and ids of the fixture are alike in rows of many tables, shown and not.
  return [
    basil.marker,
    ...rows.map(({ value }) => value).filter((value) => !/^\d{4}-\d\d-\d\dT/.test(value)),
  ];
}

/** A digest of every row there is, less the transactions that last noted something for tills. */
export async function everything(portals: TestPortals, without: readonly string[] = []): Promise<string> {
  const rows = await everyRow(portals, without);
  const [row] = await portals.sql<{ digest: string }>(
    `select md5(string_agg((j - 'xid')::text, '|' order by (j - 'xid')::text)) as digest from (${rows}) r`,
  );
  return row!.digest;
}

/** What our own source can't do: a statement whose text came from somewhere else. */
export const injected = (text: string) => statement(Object.assign([text], { raw: [text] }));
