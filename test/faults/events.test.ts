import assert from 'node:assert/strict';
import pg from 'pg';
import { keyText } from '../../server/public/publishable-key.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventId } from '../support/events.ts';
import { buildOnce, type RunningPortal, runPortal, twoMarketsDatabase } from '../support/portal-processes.ts';
import { amber } from '../support/two-markets.ts';

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describe('events and a partner process that is killed', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let client: pg.Client;
  let portal: RunningPortal;

  before(async () => {
    await buildOnce();
    database = await twoMarketsDatabase();
    client = new pg.Client(database.superuserUrl);
    await client.connect();
  });
  beforeEach(async () => {
    await client.query('delete from offer_event');
    portal = await runPortal('partner', database);
  });
  afterEach(async () => {
    portal.process.child.kill('SIGKILL');
    await portal.process.ended;
  });
  after(async () => {
    await client?.end();
    await database?.drop();
  });

  const send = async (events: object[], to = portal) => {
    const answer = await fetch(`${to.url}/public/v1/events`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Bulkhead-Key': keyText(amber.key),
        'User-Agent': AGENT,
      },
      body: JSON.stringify({ events }),
    });
    return { status: answer.status, body: (await answer.json()) as { accepted: number; repeated: number } };
  };
  const views = (count: number) =>
    Array.from({ length: count }, () => ({
      id: eventId(Date.now()),
      kind: 'view',
      offerId: amber.liveOffer,
    }));
  const stored = async () =>
    (await client.query('select id from offer_event order by id')).rows.map(({ id }) => id);

  it('has written what it acknowledged', async () => {
    const acknowledged: string[] = [];
    const asking = Array.from({ length: 8 }, async () => {
      for (;;) {
        const events = views(5);
        const answer = await send(events).catch(() => null);
        if (!answer) return;
        assert.equal(answer.status, 202);
        acknowledged.push(...events.map(({ id }) => id));
        if (acknowledged.length > 200) portal.process.child.kill('SIGKILL');
      }
    });
    await Promise.all(asking);
    assert.ok(acknowledged.length > 200);
    const rows = new Set(await stored());
    assert.deepEqual(
      acknowledged.filter((id) => !rows.has(id)),
      [],
    );
  });

  it('acknowledges nothing that it has not written, and what is sent again counts once', async () => {
    const blocker = new pg.Client(database.superuserUrl);
    await blocker.connect();
    await blocker.query('begin; lock table offer_event in share mode');
    const events = views(20);
    const sent = send(events).then(
      ({ status }) => status,
      () => 'no answer',
    );
    for (let waiting = 0; waiting === 0; ) {
      const { rowCount } = await client.query(
        "select from pg_stat_activity where datname = $1 and usename = 'bulkhead_public' and wait_event_type = 'Lock'",
        [database.name],
      );
      waiting = rowCount!;
    }
    portal.process.child.kill('SIGKILL');
    assert.equal(await sent, 'no answer');
    assert.deepEqual(await stored(), []);
    await blocker.query('rollback');
    await blocker.end();
    const next = await runPortal('partner', database);
    const { status, body } = await send(events, next);
    assert.deepEqual([status, body.accepted + body.repeated], [202, 20]);
    assert.deepEqual(await stored(), events.map(({ id }) => id).sort());
    await next.stop();
  });

  it('finishes what it has begun when it is told to end, and leaves its counts written', async () => {
    await client.query('delete from event_intake');
    await send(views(7));
    const { code } = await portal.stop();
    assert.equal(code, 0);
    const { rows } = await client.query('select outcome, events from event_intake');
    assert.deepEqual(rows, [{ outcome: 'accepted', events: 7 }]);
  });

  it('has figures a moment after the events, without being asked', async () => {
    await client.query('delete from event_day');
    await send(views(3));
    let seen: { events: number }[] = [];
    for (let look = 0; look < 400 && seen.length === 0; look++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ rows: seen } = await client.query(
        'select events from event_day where market_id = $1 and offer_id = $2',
        [amber.marketId, amber.liveOffer],
      ));
    }
    assert.deepEqual(seen, [{ events: 3 }]);
  });
});
