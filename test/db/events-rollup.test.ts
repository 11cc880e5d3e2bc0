import assert from 'node:assert/strict';
import fc from 'fast-check';
import pg from 'pg';
import type { Database } from '../../server/db/client.ts';
import { type Direct, sql } from '../../server/db/direct.ts';
import { marketJobScope } from '../../server/jobs/job-scope.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import {
  countedFigures,
  eventId,
  insertEvents,
  rolledFigures,
  rollUp,
  type TestEvent,
} from '../support/events.ts';
import {
  type ArrangedMarket,
  arrangeMarkets,
  partnerDatabase,
  partnerScope,
  superuser,
} from '../support/scoped.ts';

const HOUR = 3_600_000;
/** Whole hours, halves and quarters off; midnights that come twice (Havana), not at all (Cairo), half-hour summer time. */
const ZONES = [
  'Asia/Riyadh',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Africa/Cairo',
  'America/Havana',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'America/St_Johns',
];
/** Around changes of the clock in those zones, and around an ordinary midnight. */
const MOMENTS = [
  '2026-03-08T05:00Z',
  '2026-03-28T22:00Z',
  '2026-04-04T15:00Z',
  '2026-04-23T22:00Z',
  '2026-10-24T21:00Z',
  '2026-10-29T21:00Z',
  '2026-11-01T05:00Z',
  '2026-06-10T18:30Z',
].map((text) => Date.parse(text));
const VISITORS = [null, '01900000-0000-8000-a000-0000000000a1', '01900000-0000-8000-a000-0000000000a2'];

describe('rollups of events', () => {
  let test: TestDatabase;
  let database: Database;
  let client: pg.Client;
  let markets: ArrangedMarket[];
  let market: ArrangedMarket;
  let job: Direct;

  before(async () => {
    test = await testDatabase();
    database = partnerDatabase(test);
    client = new pg.Client(test.superuserUrl);
    await client.connect();
    await makeMonths();
  });
  beforeEach(async () => {
    markets = await arrangeMarkets(test, 2);
    await empty();
    market = markets[0]!;
    job = jobOf(market);
  });
  after(async () => {
    await client?.end();
    await database?.close();
    await test?.drop();
  });

  afterEach(async () => {
    for (const other of others.splice(0)) await other.end();
  });

  const others: pg.Client[] = [];
  const makeMonths = async () => {
    const now = new Date();
    const months = (now.getUTCFullYear() - 2026) * 12 + now.getUTCMonth() + 1;
    await client.query('select app.keep_event_partitions($1, 3, 120)', [months]);
  };
  const empty = () =>
    client.query(
      'delete from offer_event; delete from rollup_task; delete from event_day; delete from event_hour; delete from rollup_state',
    );
  const jobOf = ({ id }: ArrangedMarket) => database.direct(marketJobScope(id, 'test'));
  const event = (at: number, changes: Partial<TestEvent> = {}): TestEvent => ({
    ...{ id: eventId(at), at, offer: market.offers[0]!, branch: null, kind: 'view', visitor: null },
    ...changes,
  });
  const inZone = (zone: string) =>
    client.query('update market set time_zone = $1 where id = $2', [zone, market.id]);
  const figures = () => rolledFigures(client, market.id);
  const check = async (from: string, to: string) => {
    const [row] = await job.rows<{ found: string }>(
      sql`select app.check_rollup(${from}::date, ${to}::date)::text as found`,
    );
    return JSON.parse(row!.found) as {
      day: string;
      kind: string;
      byOffer: number;
      byHour: number;
      events: number;
      places: number;
    }[];
  };
  const another = async () => {
    const other = new pg.Client(test.superuserUrl);
    await other.connect();
    other.on('error', () => {});
    others.push(other);
    return other;
  };

  it('are what an independent count says, whatever the zone, the order of commits and the moment of counting', async () => {
    const arbitraryEvent = fc.record({
      at: fc
        .tuple(fc.constantFrom(...MOMENTS), fc.integer({ min: -3 * HOUR, max: 3 * HOUR }))
        .map(([moment, off]) => moment + off),
      offer: fc.nat(1),
      branch: fc.constantFrom(null, 0, 1),
      kind: fc.constantFrom('view' as const, 'view' as const, 'claim' as const, 'redeem' as const),
      visitor: fc.constantFrom(...VISITORS),
    });
    const arbitraryWriter = fc.record({
      events: fc.array(arbitraryEvent, { minLength: 1, maxLength: 25 }),
      /** Transactions stay open until this step; what is counted meanwhile does not see them. */
      commits: fc.nat(6),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ZONES),
        fc.array(arbitraryWriter, { minLength: 1, maxLength: 4 }),
        async (zone, writers) => {
          await empty();
          await inZone(zone);
          const all: TestEvent[] = [];
          const open: { writer: pg.Client; commits: number }[] = [];
          for (const { events, commits } of writers) {
            const written = events.map(({ offer, branch, ...rest }) =>
              event(rest.at, {
                ...rest,
                offer: market.offers[offer]!,
                branch: branch === null ? null : market.branches[branch]!,
              }),
            );
            const writer = await another();
            await writer.query('begin');
            await insertEvents(writer, market.id, written);
            open.push({ writer, commits });
            all.push(...written);
          }
          for (let step = 0; step <= 6; step++) {
            for (const { writer, commits } of open) if (commits === step) await writer.query('commit');
            await rollUp(job, 1 + (step % 3));
          }
          for (const { writer } of open) await writer.end();
          assert.deepEqual(await figures(), countedFigures(all, zone), zone);
          assert.deepEqual(await check('2026-01-01', '2026-12-31'), []);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('take in what is committed late, after newer events were counted', async () => {
    const now = Date.now();
    const late = await another();
    await late.query('begin');
    const held = [event(now - 3 * HOUR), event(now - 60_000)];
    await insertEvents(late, market.id, held);
    const newer = [event(now), event(now - 1_000)];
    await insertEvents(client, market.id, newer);
    await rollUp(job);
    const { rows } = await client.query('select time_zone from market where id = $1', [market.id]);
    const zone = rows[0].time_zone;
    assert.deepEqual(await figures(), countedFigures(newer, zone));
    await late.query('commit');
    await late.end();
    assert.deepEqual(await figures(), countedFigures(newer, zone));
    await rollUp(job);
    assert.deepEqual(await figures(), countedFigures([...held, ...newer], zone));
  });

  it('count repeated views of one visitor once each half hour, and those of nobody each', async () => {
    await inZone('UTC');
    const [noon, [visitor, other]] = [Date.parse('2026-06-10T12:00Z'), VISITORS.slice(1)];
    const minutes = (number: number) => noon + number * 60_000;
    await insertEvents(client, market.id, [
      ...[0, 1, 29, 30, 31, 61].map((minute) => event(minutes(minute), { visitor: visitor! })),
      event(minutes(5), { visitor: other! }),
      event(minutes(6), { visitor: visitor!, offer: market.offers[1]! }),
      // Where it was seen does not make it another view.
      event(minutes(7), { visitor: visitor!, branch: market.branches[0]! }),
      event(minutes(8)),
      event(minutes(9)),
      event(minutes(10), { visitor: visitor!, kind: 'claim' }),
      event(minutes(11), { visitor: visitor!, kind: 'claim' }),
    ]);
    await rollUp(job);
    const { rows } = await client.query(
      'select kind, sum(events)::int as events from event_day where market_id = $1 group by kind order by kind',
      [market.id],
    );
    assert.deepEqual(rows, [
      { kind: 'claim', events: 2 },
      { kind: 'view', events: 3 + 1 + 1 + 2 },
    ]);
  });

  it('stay exact when two processes count one market at once, while others write', async () => {
    const second = partnerDatabase(test);
    const written: TestEvent[] = [];
    const start = Date.parse('2026-06-10T12:00Z');
    const jobs = [job, second.direct(marketJobScope(market.id, 'test'))];
    let writing = true;
    const counting = jobs.map(async (each) => {
      while (writing) await rollUp(each, 1);
    });
    const writers = await Promise.all([another(), another()]);
    await Promise.all(
      writers.map(async (writer, index) => {
        for (let turn = 0; turn < 40; turn++) {
          const batch = [event(start + turn * HOUR), event(start - turn * HOUR, { visitor: VISITORS[1]! })];
          written.push(...batch);
          await insertEvents(writer, market.id, batch);
        }
        return index;
      }),
    );
    writing = false;
    await Promise.all(counting);
    await Promise.all(jobs.map((each) => rollUp(each)));
    for (const writer of writers) await writer.end();
    await second.close();
    assert.deepEqual(await figures(), countedFigures(written, 'Asia/Riyadh'));
    assert.equal(
      (await client.query('select from rollup_task where market_id = $1', [market.id])).rowCount,
      0,
    );
  });

  it('lose and double nothing when whoever counts is killed in the middle', async () => {
    const written = [event(Date.parse('2026-06-10T12:00Z')), event(Date.parse('2026-06-11T12:00Z'))];
    await insertEvents(client, market.id, written);
    // Blocked half-way: the first day's rows can't be replaced yet.
    const blocker = await another();
    await blocker.query('begin; lock table event_hour in exclusive mode');
    const killed = job.rows(sql`select app.roll_up(10) as taken`);
    const refused = assert.rejects(killed);
    let victims: { pid: number }[] = [];
    while (victims.length === 0) {
      victims = (
        await client.query<{ pid: number }>(
          "select pid from pg_stat_activity where datname = $1 and usename = 'bulkhead_partner' and wait_event_type = 'Lock'",
          [test.name],
        )
      ).rows;
    }
    await client.query('select pg_terminate_backend($1)', [victims[0]!.pid]);
    await refused;
    await blocker.query('rollback');
    await blocker.end();
    assert.deepEqual(await figures(), []);
    assert.equal(await rollUp(job), 2);
    assert.deepEqual(await figures(), countedFigures(written, 'Asia/Riyadh'));
  });

  it('follow the market into another time zone', async () => {
    const [may, june] = [Date.parse('2026-05-31T22:30Z'), Date.parse('2026-06-10T22:30Z')];
    const written = [
      event(may),
      event(june),
      event(june + 30 * HOUR),
      event(june + 47 * HOUR, { kind: 'claim' }),
    ];
    await insertEvents(client, market.id, written);
    await rollUp(job);
    for (const zone of ['America/St_Johns', 'Pacific/Auckland', 'Asia/Riyadh']) {
      await inZone(zone);
      await rollUp(job, 3);
      assert.deepEqual(await figures(), countedFigures(written, zone), zone);
    }
  });

  it('stay when their month is dropped, also when days are counted again', async () => {
    const now = new Date();
    const [gone, kept] = [15, 12].map((back) =>
      Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 15, 22, 30),
    );
    await client.query('select app.keep_event_partitions(16, 3, 120)');
    const [old, recent] = [event(gone!), event(kept!)];
    await insertEvents(client, market.id, [old, recent]);
    await rollUp(job);
    const { rows } = await client.query<{ changed: string[] }>(
      'select app.keep_event_partitions(1, 3, 0) as changed',
    );
    const month = `offer_event_${new Date(gone!).toISOString().slice(0, 7).replace('-', '_')}`;
    assert.ok(rows[0]!.changed.includes(`-${month}`));
    assert.equal(
      (await client.query('select from offer_event where market_id = $1', [market.id])).rowCount,
      1,
    );
    assert.deepEqual(await figures(), countedFigures([old, recent], 'Asia/Riyadh'));
    await inZone('America/St_Johns');
    await rollUp(job);
    assert.deepEqual(
      await figures(),
      [...countedFigures([old], 'Asia/Riyadh'), ...countedFigures([recent], 'America/St_Johns')].sort(),
    );
    await makeMonths();
  });

  it('are held against the events: what somebody changed is found, kept, and forgotten once it is right', async () => {
    await inZone('UTC');
    await insertEvents(client, market.id, [
      event(Date.parse('2026-06-10T12:00Z')),
      event(Date.parse('2026-06-10T13:00Z'), { offer: market.offers[1]! }),
      event(Date.parse('2026-06-11T12:00Z')),
    ]);
    await rollUp(job);
    assert.deepEqual(await check('2026-06-01', '2026-06-30'), []);
    const swap = (by: number) =>
      client.query(
        'update event_day set events = events + case when offer_id = $2 then $3::int else -$3::int end where market_id = $1 and day = $4',
        [market.id, market.offers[0], by, '2026-06-10'],
      );
    await swap(1);
    const found = [{ day: '2026-06-10', kind: 'view', byOffer: 2, byHour: 2, events: 2, places: 2 }];
    assert.deepEqual(await check('2026-06-01', '2026-06-30'), found, 'equal in sum, wrong by offer');
    const kept = async () =>
      (
        await client.query('select differences, checked_at from rollup_state where market_id = $1', [
          market.id,
        ])
      ).rows[0];
    await check('2026-06-11', '2026-06-11');
    assert.deepEqual((await kept()).differences, found, 'a look at another day forgets nothing');
    // A day that waits is not right or wrong yet.
    await insertEvents(client, market.id, [event(Date.parse('2026-06-10T14:00Z'))]);
    assert.deepEqual(await check('2026-06-01', '2026-06-30'), []);
    assert.deepEqual((await kept()).differences, found);
    await rollUp(job);
    assert.deepEqual(await check('2026-06-01', '2026-06-30'), []);
    assert.deepEqual((await kept()).differences, []);
    await client.query('update event_hour set events = 7 where market_id = $1 and day = $2 and hour = 13', [
      market.id,
      '2026-06-10',
    ]);
    await client.query('delete from event_day where market_id = $1 and day = $2', [market.id, '2026-06-11']);
    assert.deepEqual(
      (await check('2026-06-01', '2026-06-30')).map(({ day, byOffer, byHour, events }) => [
        day,
        byOffer,
        byHour,
        events,
      ]),
      [
        ['2026-06-10', 3, 9, 3],
        ['2026-06-11', 0, 1, 1],
      ],
    );
  });

  it('are counted by jobs alone, each for its own market', async () => {
    const other = markets[1]!;
    await insertEvents(client, market.id, [event(Date.parse('2026-06-10T12:00Z'))]);
    const scopes = [
      partnerScope(market.id),
      partnerScope(market.id, 'analyst'),
      marketJobScope(other.id, 'test'),
      {
        ...marketJobScope(market.id, 'test'),
        actor: { kind: 'person', id: market.members[0]!, role: 'none', name: '' } as const,
      },
    ];
    for (const scope of scopes) {
      const [row] = await database.direct(scope).rows(sql`select app.roll_up(10) as taken`);
      assert.deepEqual(row, { taken: 0 }, scope.actor.kind);
    }
    for (const scope of scopes.filter(({ actor }) => actor.kind !== 'job')) {
      const [row] = await database
        .direct(scope)
        .rows(sql`select app.check_rollup('2026-01-01', '2026-12-31') as found`);
      assert.deepEqual(row, { found: null });
    }
    assert.deepEqual(await figures(), []);
    await rollUp(job);
    for (const table of ['event_day', 'event_hour', 'rollup_state', 'rollup_task'] as const) {
      const seen = async (scope: ReturnType<typeof partnerScope>) => {
        const statements = {
          event_day: sql`select market_id from event_day`,
          event_hour: sql`select market_id from event_hour`,
          rollup_state: sql`select market_id from rollup_state`,
          rollup_task: sql`select market_id from rollup_task`,
        };
        return database.direct(scope).rows<{ market_id: string }>(statements[table]);
      };
      if (table === 'rollup_task') await assert.rejects(seen(partnerScope(other.id)), { sqlState: '42501' });
      else
        assert.equal(
          (await seen(partnerScope(other.id))).some(({ market_id: id }) => id === market.id),
          false,
          table,
        );
    }
    for (const text of [
      "insert into event_day (market_id, day, offer_id, branch_id, kind, events) values ($1, now(), $1, $1, 'view', 5)",
      'update event_day set events = 5 where market_id = $1',
      'delete from event_day where market_id = $1',
      "update rollup_state set differences = '[]' where market_id = $1",
      'delete from rollup_task where market_id = $1',
    ]) {
      const login = new pg.Client(test.url('bulkhead_partner'));
      await login.connect();
      await assert.rejects(login.query(text, [market.id]), { code: '42501' }, text);
      await login.end();
    }
  });

  it('show another market’s events to a job when the guard is gone: the test would tell', async () => {
    const other = markets[1]!;
    await insertEvents(client, market.id, [event(Date.parse('2026-06-10T12:00Z'))]);
    await rollUp(job);
    const seen = () => jobOf(other).rows(sql`select market_id from event_day where market_id = ${market.id}`);
    assert.equal((await seen()).length, 0);
    await superuser(test, (su) => su.query('alter policy partner_select on event_day using (true)'));
    assert.equal((await seen()).length, 1);
    await superuser(test, (su) =>
      su.query('alter policy partner_select on event_day using ((market_id = (select app.market_id())))'),
    );
  });
});
