import assert from 'node:assert/strict';
import { withClient } from '../../server/db/setup/connect.ts';
import { attacks } from '../support/injection-attacks.ts';
import { type Drill, startDrill } from '../support/injection-drill.ts';
import { amber, basil } from '../support/two-markets.ts';

/** Rows that hold anything: a function called for what it does gives one row without a column. */
const told = (rows: readonly object[]): object[] => rows.flat().filter((row) => Object.keys(row).length > 0);

describe('SQL injection in the partner process', () => {
  let drill: Drill;
  let untouched: string;

  before(async () => {
    drill = await startDrill();
    untouched = await drill.theirRows();
  });
  after(() => drill?.portals.close());

  it('is possible: the holes are real, and the attacker’s own rows come out of them', async () => {
    const { rows } = await drill.post(amber, '/drill/titles', { title: `' or title_en like '%` });
    assert.equal(rows?.length, 4);
    const union = await drill.post(amber, '/drill/titles', {
      title: `' union all select email from team_member --`,
    });
    assert.ok(union.rows?.some(({ title }) => String(title).includes('marker-amber')));
    drill.assertSilent([rows, union], '');
    assert.ok(drill.secrets.length > 50);
  });

  for (const { name, sql, outcome } of attacks) {
    it(`yields nothing of another market: ${name}`, async () => {
      for (const answer of [await drill.inject(sql), await drill.inTransaction([sql])]) {
        drill.assertSilent(answer, sql);
        if (outcome === 'own')
          assert.match(JSON.stringify(answer.rows), /marker-amber/, JSON.stringify(answer));
        else if (outcome !== 'nothing') assert.match(answer.error ?? 'no error', new RegExp(outcome));
        else if (answer.rows && !['commit', 'begin'].includes(sql.slice(0, 5)))
          assert.deepEqual(told(answer.rows), []);
      }
      await drill.assertUnharmed(name);
    });
  }

  it('has changed nothing of the other market by all that', async () => {
    assert.equal(await drill.theirRows(), untouched);
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
        await drill.inject(leave);
        const answer = await drill.inject(take, basil);
        assert.match(JSON.stringify(answer), refusal);
        await drill.inTransaction([leave]);
        assert.match(JSON.stringify(await drill.inject(take, basil)), refusal);
        await drill.assertUnharmed(name);
      });
    }

    it('for the neighbour: locks and notifications', async () => {
      await drill.inTransaction(['select pg_advisory_lock(4712) is null as done', 'listen drill_channel']);
      const { rows } = await drill.inject(
        `select pg_try_advisory_lock(4712) as free, (select count(*)::int from pg_listening_channels()) as channels`,
        basil,
      );
      assert.deepEqual(rows, [{ free: true, channels: 0 }]);
      const held = await drill.portals.sql(
        `select 1 from pg_locks where locktype = 'advisory' and objid = 4712`,
      );
      assert.deepEqual(held, []);
    });
  });

  it('would be noticed if it yielded something', async () => {
    const sql = 'select title_en from offer';
    await drill.portals.sql('alter table offer disable row level security');
    const answer = await drill.inject(sql);
    await drill.portals.sql('alter table offer enable row level security');
    assert.throws(() => drill.assertSilent(answer, sql), /tells marker-basil/);
    drill.assertSilent(await drill.inject(sql), sql);
  });

  it('shows in errors only what the attacker may read anyway', async () => {
    for (const column of ['title_en', 'text_en', 'import_key', 'search_text']) {
      const { error } = await drill.inject(
        `select 1 from offer where ${column}::int = 1 or market_id::text::int = 1`,
      );
      assert.match(error ?? '', /22P02/);
      drill.assertSilent(error, '');
      const division = await drill.inject(
        `select 1 from offer where market_id = '${basil.marketId}' and 1 / (length(${column}) - length(${column})) = 1`,
      );
      assert.equal(division.error, undefined, 'a row of theirs was computed with');
    }
  });

  it('is bounded in time, also when it lifts the limit first', async () => {
    const { rows } = await drill.inject(
      `select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle`,
    );
    assert.deepEqual(rows, [{ statement: '15s', idle: '10s' }]);
    await drill.inject(`select set_config('statement_timeout', '0', false) is null as done`);
    assert.deepEqual(
      (await drill.inject(`select current_setting('statement_timeout') as limit`, basil)).rows,
      [{ limit: '15s' }],
    );
  });

  it('has changed no object, right or role of the database', async () => {
    const left = await withClient(drill.portals.database.superuserUrl, async (client) => {
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
    assert.equal(await drill.theirRows(), untouched);
  });
});
