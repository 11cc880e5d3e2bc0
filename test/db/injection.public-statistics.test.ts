import assert from 'node:assert/strict';
import pg from 'pg';
import { withClient } from '../../server/db/setup/connect.ts';
import { signContext } from '../../server/market/context.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';
import { amber, basil, publicScope } from '../support/two-markets.ts';

/** What the planner thinks of rows that the public surface hides: drafts, shoppers, their claims and addresses. */
describe('SQL injection on the public surface that asks the planner', () => {
  let database: SeededDatabase;
  let client: pg.Client;

  before(async () => {
    database = await seededDatabase();
    await withClient(database.superuserUrl, async (superuser) => {
      await superuser.query('set session_replication_role = replica');
      for (const { marketId, liveOffer } of [amber, basil]) {
        await superuser.query(
          `insert into offer (market_id, id, title_en, title_ar, text_en, import_key, currency, price, updated_at)
           select $1, gen_random_uuid(), 'secret draft', 'سر', 'secret text', 'k' || g, 'SAR', 77777, now() from generate_series(1, 2000) g`,
          [marketId],
        );
        await superuser.query(
          `with made as (insert into shopper (market_id, id) select $1, gen_random_uuid() from generate_series(1, 2000) returning id),
             addressed as (insert into shopper_contact (market_id, shopper_id, email) select $1, id, 'zzz' || id || '@example.test' from made)
           insert into claim (market_id, id, offer_id, shopper_id, code, title_en, price)
             select $1, gen_random_uuid(), $2, id, left(id::text, 8), 'secret claim', 4242 from made`,
          [marketId, liveOffer],
        );
      }
      await superuser.query('analyze');
    });
    client = new pg.Client(database.url('bulkhead_public'));
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
      signContext(publicScope(amber, 'shopper'), database.keys.public, pid),
    ]);
    const { rows } = await client.query(sql).finally(() => client.query('rollback'));
    return rows as Row[];
  }

  async function estimate(table: string, condition: string): Promise<number> {
    const rows = await ask<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
      `explain (format json) select 1 from ${table} where ${condition}`,
    );
    return rows[0]!['QUERY PLAN'][0].Plan['Plan Rows'];
  }

  for (const [table, column, hidden, absent] of [
    ['offer', 'title_en', 'secret draft', 'no such thing'],
    ['offer', 'price', '77777', '12345'],
    ['offer', 'claim_limit', '50', '51'],
    ['offer_claims', 'claimed', '1', '2'],
    ['claim', 'title_en', 'secret claim', 'no such thing'],
    ['claim', 'price', '4242', '12345'],
    ['claim', 'code', 'AMBRSPAR', 'NOBODYSCODE'],
    ['shopper_contact', 'email', 'marker-amber.spare@example.test', 'nobody@example.test'],
  ] as const) {
    it(`estimates what is hidden in ${table}.${column} as what is not there`, async () => {
      assert.equal(
        await estimate(table, `${column} = '${hidden}'`),
        await estimate(table, `${column} = '${absent}'`),
      );
    });
  }

  it('estimates a range of addresses and codes without a look at them', async () => {
    for (const [table, column] of [
      ['shopper_contact', 'email'],
      ['claim', 'code'],
    ] as const) {
      const found = new Set<number>();
      for (const value of ['0', 'A', 'a', 'm', 'z', 'zzz5', 'zzzz'])
        found.add(await estimate(table, `${column} < '${value}'`));
      assert.equal(found.size, 1);
    }
  });

  it('sees no statistics of a column’s values', async () => {
    const rows = await ask<{ name: string }>(
      `select tablename || '.' || attname as name from pg_stats where schemaname = 'public'
       and (most_common_vals is not null or histogram_bounds is not null)`,
    );
    assert.deepEqual(
      rows.map(({ name }) => name).filter((name) => !/^category\./.test(name)),
      [],
    );
  });

  it('has partitions that keep no more statistics than their table', async () => {
    const kept = await withClient(database.superuserUrl, async (superuser) => {
      await superuser.query('set session_replication_role = replica');
      await superuser.query(
        `insert into offer_event (market_id, id, offer_id, kind, occurred_at)
         select $1, id, $2, 'view', app.uuid_time(id)
         from (select app.uuid_at(now()) as id from generate_series(1, 500) offset 0) e`,
        [amber.marketId, amber.liveOffer],
      );
      await superuser.query('analyze offer_event');
      const { rows } = await superuser.query<{ name: string }>(
        `select distinct attname::text as name from pg_stats s join pg_inherits on inhrelid = format('public.%I', tablename)::regclass
         where schemaname = 'public' order by 1`,
      );
      return rows.map(({ name }) => name);
    });
    const right = [
      'branch_id',
      'id',
      'kind',
      'market_id',
      'occurred_at',
      'offer_id',
      'received_at',
      'visitor',
    ];
    assert.deepEqual(
      kept.filter((name) => !right.includes(name)),
      [],
    );
    assert.ok(kept.includes('kind'));
  });
});
