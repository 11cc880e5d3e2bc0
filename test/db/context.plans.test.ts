import assert from 'node:assert/strict';
import pg from 'pg';
import { createDatabase } from '../../server/db/client.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { signContext } from '../../server/market/context.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';
import { amber, basil, type MarketFixture, partnerScope } from '../support/two-markets.ts';

const EVENTS = { amber: 30_000, basil: 20_000 };

/** The context function is STABLE and PARALLEL RESTRICTED: a plan that outlives a scope must not carry it along. */
describe('the context and the planner', () => {
  let database: SeededDatabase;
  let client: pg.Client;

  before(async () => {
    database = await seededDatabase();
    await withClient(database.superuserUrl, async (superuser) => {
      for (const market of [amber, basil]) {
        await superuser.query(
          `insert into offer_event (market_id, id, offer_id, kind, occurred_at)
           select $1, id, $2, 'view', app.uuid_time(id)
           from (select app.uuid_at(now()) as id from generate_series(2, $3) offset 0) as fresh`,
          // The fixture has two events of each market already.
          [market.marketId, market.offer, EVENTS[market.side] - 1],
        );
      }
      await superuser.query('analyze offer_event');
    });
    client = new pg.Client(database.url('bulkhead_partner'));
    await client.connect();
  });
  after(async () => {
    await client?.end();
    await database?.drop();
  });

  async function under<T>(market: MarketFixture, work: () => Promise<T>): Promise<T> {
    const pid = (client as unknown as { processID: number }).processID;
    const context = signContext(partnerScope(market), database.keys.partner, pid);
    await client.query(`begin; select set_config('app.context', '${context}', true)`);
    try {
      return await work();
    } finally {
      await client.query('rollback');
    }
  }

  it('holds in parallel workers', async () => {
    await client.query(`set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;
      set max_parallel_workers_per_gather = 2; set enable_indexscan = off; set enable_bitmapscan = off; set enable_indexonlyscan = off`);
    const sql =
      'select count(*)::int as count, count(distinct market_id)::int as markets from offer_event where received_at > $1';
    for (const market of [amber, basil]) {
      await under(market, async () => {
        const values = ['2000-01-01'];
        const { rows: plan } = await client.query(`explain (analyze, costs off) ${sql}`, values);
        const text = plan.map((row) => row['QUERY PLAN']).join('\n');
        assert.match(text, /Workers Launched: [1-9]/, text);
        const { rows } = await client.query(sql, values);
        assert.deepEqual(rows, [{ count: EVENTS[market.side], markets: 1 }]);
      });
    }
    await client.query('reset all');
  });

  for (const [mode, rounds] of [
    ['force_generic_plan', 500],
    ['force_custom_plan', 50],
    ['auto', 100],
  ] as const) {
    it(`holds in a prepared statement while markets alternate ${rounds} times (${mode})`, async () => {
      await client.query(`set plan_cache_mode = ${mode}`);
      const statement = {
        name: `titles-${mode}`,
        text: 'select distinct market_id from offer where price >= $1',
        values: [0],
      };
      for (let round = 0; round < rounds; round += 1) {
        const market = round % 2 ? amber : basil;
        const { rows } = await under(market, () => client.query(statement));
        assert.deepEqual(rows, [{ market_id: market.marketId }]);
        if (round % 50 === 0)
          assert.deepEqual((await client.query(statement)).rows, [], 'outside of any transaction');
      }
      await client.query('reset plan_cache_mode');
    });
  }

  it('holds through the product’s own client on one connection, 500 times, and many at once', async () => {
    const own = createDatabase({
      url: database.url('bulkhead_partner'),
      key: database.keys.partner,
      poolSize: 1,
    });
    try {
      const rounds = Array.from({ length: 500 }, (_, round) => (round % 2 ? amber : basil));
      const titles = (market: MarketFixture) =>
        own.scoped(partnerScope(market)).offer.findMany({ select: { titleEn: true } });
      for (const market of rounds) {
        const found = await titles(market);
        assert.ok(found.length === 4 && found.every(({ titleEn }) => titleEn.startsWith(market.marker)));
      }
      const together = await Promise.all(rounds.slice(0, 200).map(titles));
      together.forEach((found, index) => {
        assert.ok(
          found.length === 4 && found.every(({ titleEn }) => titleEn.startsWith(rounds[index]!.marker)),
        );
      });
    } finally {
      await own.close();
    }
  });
});
