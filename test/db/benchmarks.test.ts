import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { addCategory, addContributor, type Contributor, closedMonth } from '../support/benchmarks.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const month = closedMonth();
const even = (n: number): Contributor => ({ views: 1000, claims: n, redemptions: Math.floor(n / 2) });
const many = (count: number, of: (index: number) => Contributor): Contributor[] =>
  Array.from({ length: count }, (_, index) => of(index));
const spread = (count: number) => many(count, (index) => even(40 + 20 * index));

describe('benchmarks', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let gate: pg.Client;

  beforeEach(async () => {
    database = await testDatabase();
    client = new pg.Client(database.superuserUrl);
    gate = new pg.Client(database.url('bulkhead_partner_gate'));
    await Promise.all([client.connect(), gate.connect()]);
  });
  afterEach(async () => {
    await Promise.all([client.end(), gate.end()]);
    await database.drop();
  });

  const publish = async (of: string | null = month): Promise<number> =>
    (await gate.query('select app.publish_benchmarks($1) as count', [of])).rows[0].count;
  const rows = async () =>
    (
      await client.query(
        'select category_id, month::text, metric, value, published_at from benchmark order by 1, 3',
      )
    ).rows;
  const published = async (category: string, metric = 'claim-rate'): Promise<number | null | undefined> =>
    (await rows()).find((row) => row.category_id === category && row.metric === metric)?.value;

  async function categoryWith(contributors: readonly Contributor[]): Promise<string> {
    const category = await addCategory(client);
    for (const each of contributors) await addContributor(client, category, month, each);
    return category;
  }

  describe('speak for eleven markets or not at all', () => {
    for (const count of [0, 1, 10, 11, 12]) {
      it(`${count} markets: ${count < 11 ? 'no value' : 'a value'}`, async () => {
        const category = await categoryWith(spread(count));
        assert.equal(await publish(), count < 11 ? 0 : 2);
        for (const metric of ['claim-rate', 'redemption-rate']) {
          const value = await published(category, metric);
          if (count < 11) assert.equal(value, null);
          else assert.equal(typeof value, 'number');
        }
      });
    }

    const short: Record<string, Contributor> = {
      'has too few views': { views: 49, claims: 10, redemptions: 5 },
      'is suspended': { ...even(200), state: 'suspended' },
      'has only applied': { ...even(200), state: 'applied' },
      'was opened during the month': { ...even(200), createdAt: month },
      'is a demo among real ones': { ...even(200), isDemo: true },
    };
    for (const [reason, eleventh] of Object.entries(short)) {
      it(`an eleventh that ${reason} does not count`, async () => {
        const category = await categoryWith([...spread(10), eleventh]);
        assert.equal(await publish(), 0);
        assert.equal(await published(category), null);
      });
    }

    it('claims of too few do not speak for redemptions', async () => {
      const category = await categoryWith([...spread(10), { views: 1000, claims: 19, redemptions: 5 }]);
      assert.equal(await publish(), 1);
      assert.equal(await published(category, 'redemption-rate'), null);
      assert.equal(typeof (await published(category)), 'number');
    });

    it('demo markets count among themselves while there is no other', async () => {
      const category = await categoryWith(spread(11).map((each) => ({ ...each, isDemo: true })));
      assert.equal(await publish(), 2);
      assert.equal(typeof (await published(category)), 'number');
    });

    it('markets of one person count as one, and so do those that others tie to them', async () => {
      const [first, second] = [randomUUID(), randomUUID()];
      // Ten markets of one person, the last of them shared with a second, who has the eleventh and twelfth.
      const chain = many(12, (index) => ({
        ...even(40 + 20 * index),
        people: [...(index < 10 ? [first] : []), ...(index >= 9 ? [second] : [])],
      }));
      const tied = await categoryWith([...chain, ...spread(9)]);
      const untied = await categoryWith([...chain, ...spread(10)]);
      await publish();
      assert.equal(await published(tied), null);
      // The chain is one value among ten others: its sum.
      const rates = [
        ...many(10, (i) => even(40 + 20 * i)).map(({ claims }) => claims),
        (12 * 40 + 20 * 66) / 12,
      ];
      assert.equal(await published(untied), medianOf(rates));
    });
  });

  /** Thousandths to the nearest five, from rates in thousandths. */
  function medianOf(rates: readonly number[]): number {
    const sorted = rates.toSorted((a, b) => a - b);
    const half = sorted.length / 2;
    const middle = sorted.length % 2 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
    return Math.round(middle / 5) * 5;
  }

  for (const count of [11, 14, 25]) {
    it(`are the median of ${count} markets’ own rates, whatever their size`, async () => {
      let state = count;
      const next = (low: number, high: number) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return low + Math.floor((state / 2_147_483_648) * (high - low));
      };
      const markets = many(count, (index) => {
        const views = index === 0 ? 900_000 : next(60, 4_000);
        const claims = Math.max(20, Math.floor((views * next(20, 400)) / 1000));
        return { views, claims, redemptions: Math.floor((claims * next(100, 950)) / 1000) };
      });
      const category = await categoryWith(markets);
      await publish();
      const rate = (part: number, whole: number) => Math.min(1000, (1000 * part) / whole);
      assert.equal(
        await published(category),
        medianOf(markets.map(({ claims, views }) => rate(claims, views))),
      );
      assert.equal(
        await published(category, 'redemption-rate'),
        medianOf(markets.map(({ redemptions, claims }) => rate(redemptions, claims))),
      );
    });
  }

  describe('are published once', () => {
    it('a market that comes, goes or changes afterwards changes nothing, published or withheld', async () => {
      const told = await categoryWith(spread(11));
      const withheld = await categoryWith(spread(10));
      assert.equal(await publish(), 2);
      const before = await rows();
      const changes = [
        () => addContributor(client, told, month, even(900)),
        () => addContributor(client, withheld, month, even(900)),
        () => client.query(`update event_day set events = events * 3 where kind = 'claim'`),
        () =>
          client.query(
            `update market set state = 'suspended' where id = (select market_id from offer where category_id = $1 limit 1)`,
            [told],
          ),
        () =>
          client.query(
            'delete from event_day where offer_id = (select id from offer where category_id = $1 limit 1)',
            [told],
          ),
        () =>
          addCategory(client).then((late) =>
            client.query('update offer set category_id = $1 where category_id = $2', [late, told]),
          ),
      ];
      for (const change of changes) {
        await change();
        assert.equal(await publish(), 0);
        assert.deepEqual(await rows(), before);
      }
    });

    it('two calls at once publish one answer', async () => {
      await categoryWith(spread(12));
      const other = new pg.Client(database.url('bulkhead_partner_gate'));
      await other.connect();
      try {
        await gate.query('begin');
        assert.equal(await publish(), 2);
        const second = other.query('select app.publish_benchmarks($1) as count', [month]);
        await gate.query('commit');
        await second;
        assert.equal((await rows()).length, 2);
      } finally {
        await other.end();
      }
    });

    it('not while figures of the month wait to be counted', async () => {
      const category = await categoryWith(spread(11));
      await client.query(
        `insert into rollup_task (market_id, id, hour) select id, gen_random_uuid(), $1::date + interval '40 hours' from market limit 1`,
        [month],
      );
      assert.equal(await publish(), 0);
      assert.deepEqual(await rows(), []);
      await client.query('delete from rollup_task');
      assert.equal(await publish(), 2);
      assert.equal(typeof (await published(category)), 'number');
    });

    it('never for a month that goes on, is to come, is long gone, or is none', async () => {
      await categoryWith(spread(11));
      const { rows: found } = await client.query(
        `select to_char(now() at time zone 'UTC', 'YYYY-MM-01') as this, to_char(now() + interval '3 months', 'YYYY-MM-01') as later`,
      );
      for (const asked of [found[0].this, found[0].later, '2020-01-01', 'infinity', '-infinity', null])
        assert.equal(await publish(asked), 0, String(asked));
      assert.deepEqual(await rows(), []);
    });
  });

  describe('are nobody’s to make', () => {
    const logins = ['bulkhead_partner', 'bulkhead_admin', 'bulkhead_admin_gate', 'bulkhead_public'] as const;
    const refused = (error: { code?: string }) => error.code === '42501';

    for (const login of logins) {
      it(`${login} can't publish`, async () => {
        const caller = new pg.Client(database.url(login));
        await caller.connect();
        try {
          await assert.rejects(caller.query('select app.publish_benchmarks($1)', [month]), refused);
        } finally {
          await caller.end();
        }
      });
    }

    it('and no login writes one, the gate included', async () => {
      const category = await categoryWith(spread(11));
      await publish();
      const before = await rows();
      for (const login of [...logins, 'bulkhead_partner_gate'] as const) {
        const caller = new pg.Client(database.url(login));
        await caller.connect();
        try {
          const insert = caller.query(
            `insert into benchmark (category_id, month, metric, value) values ($1, '2020-01-01', 'claim-rate', 1)`,
            [category],
          );
          await assert.rejects(insert, refused, `${login} insert`);
          await assert.rejects(caller.query('update benchmark set value = 1'), refused, `${login} update`);
          await assert.rejects(caller.query('delete from benchmark'), refused, `${login} delete`);
        } finally {
          await caller.end();
        }
      }
      assert.deepEqual(await rows(), before);
    });
  });
});
