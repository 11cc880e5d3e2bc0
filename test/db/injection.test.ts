import assert from 'node:assert/strict';
import { withClient } from '../../server/db/setup/connect.ts';
import { CONTEXT_SECONDS, type ContextKey, signContext } from '../../server/market/context.ts';
import { partnerLogin, startPortals, type TestPortals } from '../support/http.ts';
import { attacks } from '../support/injection-attacks.ts';
import { partnerWithHoles } from '../support/injection-routes.ts';
import { amber, basil, type MarketFixture, partnerScope, staffScope } from '../support/two-markets.ts';

interface Answer {
  readonly rows?: Record<string, unknown>[];
  readonly error?: string;
}

/** Rows that hold anything: a function called for what it does gives one row without a column. */
const told = (rows: readonly object[]): object[] => rows.flat().filter((row) => Object.keys(row).length > 0);

/** One connection for everybody: whatever the attacker leaves, the neighbour gets. */
describe('SQL injection in the partner process', () => {
  let portals: TestPortals;
  let tokens: Record<'amber' | 'basil', string>;
  let secrets: string[];
  let untouched: string;

  before(async () => {
    portals = await startPortals({ portals: { partner: partnerWithHoles }, env: { DB_POOL_SIZE: '1' } });
    tokens = {
      amber: await portals.token(partnerLogin('amber', 'owner')),
      basil: await portals.token(partnerLogin('basil', 'owner')),
    };
    secrets = await theirSecrets();
    untouched = await theirRows();
  });
  after(() => portals?.close());

  const post = async (market: MarketFixture, path: string, body: object): Promise<Answer> => {
    const answer = await portals.partner.browser().api('post', path, { token: tokens[market.side], body });
    assert.equal(answer.status, 200, answer.text);
    return answer.body as Answer;
  };
  const inject = (sql: string, market: MarketFixture = amber) => post(market, '/drill/statements', { sql });
  const inTransaction = (statements: string[], market: MarketFixture = amber) =>
    post(market, '/drill/transactions', { statements });

  /** Basil's texts and ids: none may ever stand in an answer to amber, unless amber wrote it there. */
  async function theirSecrets(): Promise<string[]> {
    const rows = await portals.sql<{ value: string }>(
      `select distinct e.value from (${(await basilTables()).map((name) => `select to_jsonb(t) as j from public.${name} t where to_jsonb(t)->>'market_id' = $1`).join(' union all ')}) all_rows,
         jsonb_each_text(j) e where length(e.value) > 12`,
      [basil.marketId],
    );
    const shared = await portals.sql<{ value: string }>(
      `select distinct e.value from (${(await basilTables()).map((name) => `select to_jsonb(t) as j from public.${name} t where to_jsonb(t)->>'market_id' <> $1`).join(' union all ')}) all_rows,
         jsonb_each_text(j) e`,
      [basil.marketId],
    );
    const common = new Set(shared.map(({ value }) => value));
    return [basil.marker, ...rows.map(({ value }) => value).filter((value) => !common.has(value))];
  }

  async function basilTables(): Promise<string[]> {
    const rows = await portals.sql<{ name: string }>(
      `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'market_id' order by 1`,
    );
    return rows.map(({ name }) => name);
  }

  /** A digest of all that basil has, sessions and sign-in times aside. */
  async function theirRows(): Promise<string> {
    const tables = (await basilTables()).filter((name) => name !== 'partner_session');
    const rows = await portals.sql<{ digest: string }>(
      tables
        .map(
          (name) =>
            `select md5(string_agg(t::text, '|' order by t::text)) as digest from public.${name} t where market_id = '${basil.marketId}'`,
        )
        .join(' union all '),
    );
    return rows.map(({ digest }) => digest).join(' ');
  }

  function assertSilent(answer: unknown, sql: string): void {
    const text = JSON.stringify(answer);
    for (const secret of secrets) {
      if (!sql.includes(secret)) assert.ok(!text.includes(secret), `${sql} tells ${secret}`);
    }
  }

  /** The neighbour's next request, and the attacker's own, are as if nothing had been. */
  async function assertUnharmed(after: string): Promise<void> {
    for (const market of [basil, amber]) {
      const answer = await portals.partner
        .browser()
        .api('get', '/drill/offers', { token: tokens[market.side] });
      const titles = (answer.body.rows as { titleEn: string }[] | undefined)?.map(({ titleEn }) => titleEn);
      assert.ok(
        titles?.length === 3 && titles.every((title) => title.startsWith(market.marker)),
        `${after}: ${answer.text}`,
      );
    }
  }

  it('is possible: the holes are real, and the attacker’s own rows come out of them', async () => {
    const { rows } = await post(amber, '/drill/titles', { title: `' or title_en like '%` });
    assert.equal(rows?.length, 3);
    const union = await post(amber, '/drill/titles', {
      title: `' union all select email from team_member --`,
    });
    assert.ok(union.rows?.some(({ title }) => String(title).includes('marker-amber')));
    assertSilent([rows, union], '');
    assert.ok(secrets.length > 50);
  });

  for (const { name, sql, outcome } of attacks) {
    it(`yields nothing of another market: ${name}`, async () => {
      for (const answer of [await inject(sql), await inTransaction([sql])]) {
        assertSilent(answer, sql);
        if (outcome === 'own')
          assert.match(JSON.stringify(answer.rows), /marker-amber/, JSON.stringify(answer));
        else if (outcome !== 'nothing') assert.match(answer.error ?? 'no error', new RegExp(outcome));
        else if (answer.rows && !['commit', 'begin'].includes(sql.slice(0, 5)))
          assert.deepEqual(told(answer.rows), []);
      }
      await assertUnharmed(name);
    });
  }

  it('has changed nothing of the other market by all that', async () => {
    assert.equal(await theirRows(), untouched);
  });

  describe('with contexts that are not its own', () => {
    let key: ContextKey;
    let adminKey: ContextKey;
    let pid: number;

    before(async () => {
      key = portals.database.contextKeys.partner[0]!;
      adminKey = portals.database.contextKeys.admin[0]!;
      pid = Number((await inject('select pg_backend_pid() as pid')).rows![0]!.pid);
    });

    const contexts = (): Record<string, string> => {
      const theirs = partnerScope(basil, 'owner');
      const past = Date.now() - (CONTEXT_SECONDS + 5) * 1000;
      const own = signContext(partnerScope(amber, 'owner'), key, pid);
      return {
        'captured on another connection': signContext(theirs, key, pid + 1),
        'captured on this connection, run out': signContext(theirs, key, pid, past),
        'its own with another market': own.replace(amber.marketId, basil.marketId),
        'made up': `${signContext(theirs, key, pid).slice(0, -64)}${'0'.repeat(64)}`,
        'a staff context by the partner’s key': signContext(staffScope('operator'), key, pid),
        'a staff context captured from the admin process': signContext(
          staffScope('operator'),
          adminKey,
          pid + 1,
        ),
        'its own, twice': `${own}${own}`,
        empty: '',
      };
    };

    for (const name of [
      'captured on another connection',
      'captured on this connection, run out',
      'its own with another market',
      'made up',
      'a staff context by the partner’s key',
      'a staff context captured from the admin process',
      'its own, twice',
      'empty',
    ]) {
      it(`sees nothing: ${name}`, async () => {
        const set = (local: boolean) =>
          `select set_config('app.context', '${contexts()[name]}', ${local}) is null as done`;
        const read = 'select title_en from offer';
        for (const local of [true, false]) {
          const first = await inTransaction([
            set(local),
            read,
            'select count(*)::int as count from team_member',
          ]);
          assert.deepEqual(first.rows?.slice(1), [[], [{ count: 0 }]], JSON.stringify(first));
          const second = await inject(`with c as materialized (${set(local)}) select title_en from c, offer`);
          assertSilent(second, '');
          await assertUnharmed(name);
        }
      });
    }

    it('does see them with a live context of this very connection: what SECURITY.md says it would take', async () => {
      const live = signContext(partnerScope(basil, 'owner'), key, pid);
      const { rows } = await inTransaction([
        `select set_config('app.context', '${live}', true) is null as done`,
        'select title_en from offer',
      ]);
      assert.match(JSON.stringify(rows), /marker-basil/);
    });

    it('finds no context of anybody else to replay, in settings, statements or sessions', async () => {
      await assertUnharmed('before');
      const { rows } =
        await inject(`select name as at, setting as text from pg_settings union all select name, statement from pg_prepared_statements
        union all select 'context', current_setting('app.context')`);
      assertSilent(rows, '');
      assert.match(JSON.stringify(rows), new RegExp(amber.marketId));
    });
  });

  describe('leaves nothing that another injection could pick up', () => {
    const channels: Record<string, [leave: string, take: string, refusal: RegExp]> = {
      'a cursor': [
        'declare channel cursor with hold for select title_en from offer',
        'fetch all from channel',
        /34000/,
      ],
      'a prepared statement': [`prepare channel as select '${amber.marker}'`, 'execute channel', /26000/],
      'a setting': [
        `select set_config('drill.channel', (select string_agg(title_en, ',') from offer), false) is null as done`,
        `select current_setting('drill.channel')`,
        /42704|"current_setting":""/,
      ],
      'a temporary table': [
        'create temp table channel as select title_en from offer',
        'select * from channel',
        /42P01/,
      ],
      'a large object': [`select lo_from_bytea(4711, 'x')`, 'select lo_get(4711)', /42501/],
    };
    for (const [name, [leave, take, refusal]] of Object.entries(channels)) {
      it(`for the neighbour: ${name}`, async () => {
        await inject(leave);
        const answer = await inject(take, basil);
        assert.match(JSON.stringify(answer), refusal);
        await inTransaction([leave]);
        assert.match(JSON.stringify(await inject(take, basil)), refusal);
        await assertUnharmed(name);
      });
    }

    it('for the neighbour: locks and notifications', async () => {
      await inTransaction(['select pg_advisory_lock(4712) is null as done', 'listen drill_channel']);
      const { rows } = await inject(
        `select pg_try_advisory_lock(4712) as free, (select count(*)::int from pg_listening_channels()) as channels`,
        basil,
      );
      assert.deepEqual(rows, [{ free: true, channels: 0 }]);
      const held = await portals.sql(`select 1 from pg_locks where locktype = 'advisory' and objid = 4712`);
      assert.deepEqual(held, []);
    });
  });

  it('shows in errors only what the attacker may read anyway', async () => {
    for (const column of ['title_en', 'text_en', 'import_key', 'search_text']) {
      const { error } = await inject(
        `select 1 from offer where ${column}::int = 1 or market_id::text::int = 1`,
      );
      assert.match(error ?? '', /22P02/);
      assertSilent(error, '');
      const division = await inject(
        `select 1 from offer where market_id = '${basil.marketId}' and 1 / (length(${column}) - length(${column})) = 1`,
      );
      assert.equal(division.error, undefined, 'a row of theirs was computed with');
    }
  });

  it('is bounded in time, also when it lifts the limit first', async () => {
    const { rows } = await inject(
      `select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle`,
    );
    assert.deepEqual(rows, [{ statement: '15s', idle: '10s' }]);
    await inject(`select set_config('statement_timeout', '0', false) is null as done`);
    assert.deepEqual((await inject(`select current_setting('statement_timeout') as limit`, basil)).rows, [
      { limit: '15s' },
    ]);
  });

  it('has changed no object, right or role of the database', async () => {
    const left = await withClient(portals.database.superuserUrl, async (client) => {
      const { rows } = await client.query(`
        select 'function ' || proname as what from pg_proc where proname like '%drill%'
        union all select 'relation ' || relname from pg_class where relname like '%drill%' or relname = 'channel'
        union all select 'default privileges' from pg_default_acl
        union all select 'large object' from pg_largeobject_metadata
        union all select 'cast' from pg_cast where oid >= 16384
        union all select 'extension ' || extname from pg_extension where extname <> 'plpgsql'`);
      return rows;
    });
    assert.deepEqual(left, []);
    assert.equal(await theirRows(), untouched);
  });
});
