import assert from 'node:assert/strict';
import pg from 'pg';
import { createGate, type Gate } from '../../server/auth/gate.ts';
import type { Database } from '../../server/db/client.ts';
import { createEventGate, type EventGate } from '../../server/events/event-gate.ts';
import { benchmarksJob } from '../../server/jobs/benchmarks.job.ts';
import { eventCheckJob } from '../../server/jobs/event-check.job.ts';
import { eventMonthsJob } from '../../server/jobs/event-months.job.ts';
import { eventRollupJob } from '../../server/jobs/event-rollup.job.ts';
import type { JobLog } from '../../server/jobs/log.ts';
import { createQueue, JobInterrupted, type JobRun } from '../../server/jobs/queue.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { countedFigures, eventId, insertEvents, rolledFigures, type TestEvent } from '../support/events.ts';
import { type ArrangedMarket, arrangeMarkets, partnerDatabase } from '../support/scoped.ts';

const DAY = 86_400_000;

describe('jobs about events', () => {
  let test: TestDatabase;
  let database: Database;
  let client: pg.Client;
  let gate: Gate;
  let events: EventGate;
  let markets: ArrangedMarket[];
  let said: { level: string; message: string; details: object }[];

  const say = (level: string) => (details: object, message: string) =>
    void said.push({ level, message, details });
  const logger: JobLog = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const run = (signal = new AbortController().signal): JobRun => ({
    attempt: 1,
    isLastAttempt: false,
    signal,
  });

  before(async () => {
    test = await testDatabase();
    database = partnerDatabase(test);
    client = new pg.Client(test.superuserUrl);
    await client.connect();
    const [key, publicKey] = [test.contextKeys.partner[0]!, test.contextKeys.public[0]!];
    gate = createGate({ url: test.url('bulkhead_partner_gate'), key, publicKey });
    events = createEventGate(gate);
  });
  beforeEach(async () => {
    said = [];
    markets = await arrangeMarkets(test, 3);
    await client.query(
      'delete from offer_event; delete from rollup_task; delete from event_day; delete from event_hour; delete from rollup_state',
    );
  });
  after(async () => {
    await client?.end();
    await gate?.close();
    await database?.close();
    await test?.drop();
  });

  const seen = (market: ArrangedMarket, at: number): TestEvent => ({
    ...{ id: eventId(at), at, offer: market.offers[0]!, branch: null, kind: 'view', visitor: null },
  });
  const write = async (market: ArrangedMarket, ...instants: number[]) => {
    const written = instants.map((at) => seen(market, at));
    await insertEvents(client, market.id, written);
    return written;
  };

  it('make the months to come and drop those past their time, whose figures stay', async () => {
    await client.query('select app.keep_event_partitions(15, 0, 120)');
    const now = new Date();
    const name = (back: number) =>
      `offer_event_${new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)).toISOString().slice(0, 7).replace('-', '_')}`;
    await client.query(`drop table ${name(-3)}`);
    const written = await write(markets[0]!, Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 14, 15, 12));
    await eventRollupJob({ database, events, logger })({}, run());
    await eventMonthsJob({ events, monthsKept: 13, logger })({}, run());
    assert.deepEqual(said, [
      {
        level: 'info',
        message: 'months of events made and dropped',
        details: { changed: [name(-3), `-${name(15)}`, `-${name(14)}`] },
      },
    ]);
    assert.deepEqual(await rolledFigures(client, markets[0]!.id), countedFigures(written, 'Asia/Riyadh'));
    await eventMonthsJob({ events, monthsKept: 13, logger })({}, run());
    assert.equal(said.length, 1);
  });

  it('keep the months of a year, whatever they are told', async () => {
    const before = (
      await client.query("select count(*) from pg_inherits where inhparent = 'offer_event'::regclass")
    ).rows;
    for (const kept of [0, -5, 1]) assert.deepEqual(await events.keepMonths(kept), []);
    assert.deepEqual(
      (await client.query("select count(*) from pg_inherits where inhparent = 'offer_event'::regclass")).rows,
      before,
    );
  });

  it('make a missing month once when two processes start together', async () => {
    const now = new Date();
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2))
      .toISOString()
      .slice(0, 7)
      .replace('-', '_');
    await client.query(`drop table offer_event_${month}`);
    const made = await Promise.all([1, 2, 3, 4].map(() => events.keepMonths(120)));
    assert.deepEqual(made.flat(), [`offer_event_${month}`]);
  });

  it('make months while events are read and written, and wait for neither', async () => {
    const now = new Date();
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2))
      .toISOString()
      .slice(0, 7)
      .replace('-', '_');
    await client.query(`drop table offer_event_${month}`);
    const busy = new pg.Client(test.superuserUrl);
    await busy.connect();
    await busy.query('begin');
    await busy.query('select count(*) from offer_event');
    await insertEvents(busy, markets[0]!.id, [seen(markets[0]!, Date.now())]);
    assert.deepEqual(await events.keepMonths(120), [`offer_event_${month}`]);
    await busy.query('commit');
    await busy.end();
  });

  it('roll up every market under its own context, and go on where they were interrupted', async () => {
    const written = [];
    for (const market of markets) written.push(await write(market, Date.now(), Date.now() - 3 * DAY));
    const ending = new AbortController();
    const interrupting: EventGate = {
      ...events,
      waitingMarkets: async () => {
        ending.abort();
        return events.waitingMarkets();
      },
    };
    const first = eventRollupJob({ database, events: interrupting, logger });
    await assert.rejects(first({}, run(ending.signal)), JobInterrupted);
    await eventRollupJob({ database, events, logger })({}, run());
    for (const [place, market] of markets.entries()) {
      assert.deepEqual(
        await rolledFigures(client, market.id),
        countedFigures(written[place]!, 'Asia/Riyadh'),
      );
    }
    assert.equal(await events.isRollupDue(), false);
    assert.deepEqual(said, []);
  });

  it('let no market’s trouble keep the others from being counted', async () => {
    const written = [];
    for (const market of markets) written.push(await write(market, Date.now()));
    await client.query(
      `alter table event_day add constraint trouble check (market_id <> '${markets[0]!.id}') not valid`,
    );
    await eventRollupJob({ database, events, logger })({}, run());
    assert.deepEqual(
      said.map(({ level, message }) => [level, message]),
      [['error', 'events could not be rolled up']],
    );
    assert.deepEqual(await rolledFigures(client, markets[1]!.id), countedFigures(written[1]!, 'Asia/Riyadh'));
    assert.deepEqual(await events.waitingMarkets(), [markets[0]!.id]);
    await client.query('alter table event_day drop constraint trouble');
    await eventRollupJob({ database, events, logger })({}, run());
    assert.deepEqual(await rolledFigures(client, markets[0]!.id), countedFigures(written[0]!, 'Asia/Riyadh'));
  });

  it('report figures that differ from the events, and the next check that they no longer do', async () => {
    for (const market of markets) await write(market, Date.now() - 2 * DAY, Date.now() - 3 * DAY);
    await eventRollupJob({ database, events, logger })({}, run());
    const check = eventCheckJob({ database, events, logger });
    await check({}, run());
    assert.deepEqual(said, []);
    await client.query('update event_day set events = events + 1 where market_id = $1', [markets[1]!.id]);
    await check({}, run());
    assert.deepEqual(said, [
      {
        level: 'error',
        message: 'figures differ from the events',
        details: { marketId: markets[1]!.id, differences: 2 },
      },
    ]);
    const differences = async () =>
      (await client.query('select market_id from rollup_state where differences <> $1', ['[]'])).rows;
    assert.deepEqual(await differences(), [{ market_id: markets[1]!.id }]);
    await client.query('update event_day set events = events - 1 where market_id = $1', [markets[1]!.id]);
    await check({}, run());
    assert.deepEqual(await differences(), []);
    assert.equal(said.length, 1);
  });

  it('look again at an old difference, however long ago its day is', async () => {
    await write(markets[0]!, Date.now() - 40 * DAY);
    await eventRollupJob({ database, events, logger })({}, run());
    const day = (await client.query('select day::text from event_day')).rows[0].day;
    await client.query('update rollup_state set differences = $1 where market_id = $2', [
      JSON.stringify([{ day, kind: 'view', byOffer: 5, byHour: 1, events: 1, places: 1 }]),
      markets[0]!.id,
    ]);
    await eventCheckJob({ database, events, logger })({}, run());
    assert.deepEqual((await client.query('select differences from rollup_state')).rows, [
      { differences: [] },
    ]);
    assert.deepEqual(said, []);
  });

  it('ask for the last three closed months of benchmarks', async () => {
    const asked: string[] = [];
    const publishBenchmarks = async (month: string) => {
      asked.push(month);
      return events.publishBenchmarks(month);
    };
    await benchmarksJob({
      events: { publishBenchmarks },
      clock: () => new Date('2026-02-28T23:59:59Z'),
      logger,
    })({}, run());
    assert.deepEqual(asked, ['2026-01-01', '2025-12-01', '2025-11-01']);
  });

  it('are known to the clock once, however many processes keep it', async () => {
    const ran: string[] = [];
    const queues = [1, 2].map(() => createQueue({ url: test.url('bulkhead_partner_gate'), log: logger }));
    try {
      const handlers = { tick: async () => void ran.push('tick') };
      for (const queue of queues) await queue.start(handlers, [{ name: 'tick', when: '* * * * *' }]);
      const { rows } = await client.query('select identifier from graphile_worker._private_known_crontabs');
      assert.deepEqual(rows, [{ identifier: 'tick' }]);
    } finally {
      for (const queue of queues) await queue.stop();
    }
  });
});
