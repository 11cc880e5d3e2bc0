import assert from 'node:assert/strict';
import pg from 'pg';
import { withClient } from '../../server/db/setup/connect.ts';
import { signContext } from '../../server/market/context.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';
import { amber, basil, partnerScope } from '../support/two-markets.ts';

/** The planner looks at everybody's rows, and EXPLAIN shows what it thinks: what can be read from that? */
describe('SQL injection that asks the planner', () => {
  let database: SeededDatabase;
  let client: pg.Client;

  before(async () => {
    database = await seededDatabase();
    await withClient(database.superuserUrl, async (superuser) => {
      await superuser.query('update plan set max_team_members = 10000, max_live_offers = 10000');
      // Enough of both for estimates to differ if they could; basil sells one thing over and over.
      await superuser.query(
        `insert into offer (market_id, id, title_en, title_ar, text_en, import_key, currency, price, old_price, updated_at)
         select m, gen_random_uuid(), title, title, title, title || g, 'SAR', price, price + 100, now()
         from generate_series(1, 3000) g cross join (values ($1::uuid, 'amber thing', 10), ($2::uuid, 'secret promotion', 77777)) v(m, title, price)`,
        [amber.marketId, basil.marketId],
      );
      await superuser.query(
        `insert into team_member (market_id, id, email, name, role, state)
         select m, gen_random_uuid(), name || g || '@example.test', name || g, 'analyst', 'invited'
         from generate_series(1, 1000) g cross join (values ($1::uuid, 'aaa'), ($2::uuid, 'zzz')) v(m, name)`,
        [amber.marketId, basil.marketId],
      );
      await superuser.query('analyze');
    });
    client = new pg.Client(database.url('bulkhead_partner'));
    await client.connect();
  });
  after(async () => {
    await client?.end();
    await database?.drop();
  });

  async function ask<Row>(sql: string): Promise<Row[]> {
    const pid = (client as unknown as { processID: number }).processID;
    await client.query('begin');
    await client.query(`select set_config('app.context', $1, true)`, [
      signContext(partnerScope(amber, 'owner'), database.keys.partner, pid),
    ]);
    const { rows } = await client.query(sql).finally(() => client.query('rollback'));
    return rows as Row[];
  }

  /** How many rows the planner expects of a condition. */
  async function estimate(table: string, condition: string): Promise<number> {
    const rows = await ask<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
      `explain (format json) select 1 from ${table} where ${condition}`,
    );
    return rows[0]!['QUERY PLAN'][0].Plan['Plan Rows'];
  }

  it('estimates an absent value and a frequent one of another market alike', async () => {
    for (const [column, theirs, absent] of [
      ['title_en', 'secret promotion', 'no such thing'],
      ['text_en', 'secret promotion', 'no such thing'],
      ['search_text', 'secret promotion secret promotion', 'no such thing'],
      ['price', '77777', '12345'],
    ]) {
      assert.equal(
        await estimate('offer', `${column} = '${theirs}'`),
        await estimate('offer', `${column} = '${absent}'`),
        column,
      );
    }
    assert.equal(
      await estimate('team_member', `email = 'zzz7@example.test'`),
      await estimate('team_member', `email = 'nobody@example.test'`),
    );
  });

  it('estimates a range of content without a look at it', async () => {
    const series = async (table: string, column: string, values: string[]) => {
      const found = new Set<number>();
      for (const value of values) found.add(await estimate(table, `${column} < '${value}'`));
      return found;
    };
    assert.equal((await series('team_member', 'email', ['a', 'c', 'm', 'z', 'zzz5', 'zzzz'])).size, 1);
    assert.equal((await series('team_member', 'name', ['a', 'm', 'zzz5', 'zzzz'])).size, 1);
    assert.equal((await series('offer', 'price', ['1', '100', '50000', '77777', '90000'])).size, 1);
  });

  it('has statistics of a market’s columns only where they are keys, times, flags or states', async () => {
    const kept = await withClient(database.superuserUrl, async (superuser) => {
      const { rows } = await superuser.query<{ name: string }>(`
        select s.tablename || '.' || s.attname as name from pg_stats s
          join pg_class c on c.oid = format('public.%I', s.tablename)::regclass
          join pg_attribute a on a.attrelid = c.oid and a.attname = s.attname
        where s.schemaname = 'public' and s.tablename in ('offer', 'team_member')
          and format_type(a.atttypid, null) not in ('uuid', 'timestamp with time zone', 'boolean') order by 1`);
      return rows.map(({ name }) => name);
    });
    assert.deepEqual(kept, [
      'offer.decision',
      'offer.state',
      'team_member.locale',
      'team_member.role',
      'team_member.state',
    ]);
  });

  it('sees no statistics views, and only totals in the catalogue: known, and written in SECURITY.md', async () => {
    assert.deepEqual(await ask(`select 1 from pg_stats where schemaname = 'public'`), []);
    const [totals] = await ask<{ total: number; own: number }>(
      `select reltuples::int as total, (select count(*)::int from offer) as own from pg_class where oid = 'offer'::regclass`,
    );
    assert.ok(totals!.total > totals!.own, 'row totals over all markets can be read; SECURITY.md says so');
    const size = await estimate('offer', `market_id = '${basil.marketId}'`);
    assert.ok(size > 1000, 'about how many rows a market has can be asked by its id; SECURITY.md says so');
  });
});
