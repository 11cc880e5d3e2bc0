import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createGate, type Gate } from '../../../server/auth/gate.ts';
import { createOpenLimits } from '../../../server/auth/open-limits.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { asker } from '../../support/public.ts';
import { amber, basil } from '../../support/two-markets.ts';

const LIMIT = { name: 'test', points: 10, seconds: 60 };
/** A window that does not end while a test runs. */
const AGE = 1_000_000_000;

describe('limits of the public surface', () => {
  let portals: TestPortals;
  const gates: Gate[] = [];
  let now = new Date();

  /** The counters of one process: a gate, a memory and a clock of its own. */
  const process = (failing?: () => boolean) => {
    const { database, contextKeys } = portals.partner.deps.config;
    const gate = createGate({ url: database.gateUrl, key: contextKeys[0]! });
    gates.push(gate);
    const query: Gate['query'] = (text, values) =>
      failing?.() ? Promise.reject(new Error('no database')) : gate.query(text, values);
    return createOpenLimits({ gate: { query }, requests: LIMIT, clock: () => now, flushMilliseconds: 0 });
  };
  const tries = (number: number) => Array.from({ length: number }, (_, index) => index);

  before(async () => {
    portals = await startPortals({
      openRequests: { name: 'requests', points: 6, seconds: AGE },
      env: { TRUST_PROXY: '1' },
    });
  });
  after(async () => {
    for (const gate of gates) await gate.close();
    await portals.close();
  });

  it('hold in one process to the very number', () => {
    const one = process();
    const answers = tries(12).map(() => one.count(LIMIT, 'a').exceeded);
    assert.deepEqual(
      answers,
      tries(12).map((index) => index >= 10),
    );
    assert.equal(one.count(LIMIT, 'b').remaining, 9);
  });

  it('are shared by two processes once they have told each other', async () => {
    const [one, two] = [process(), process()];
    for (const _ of tries(4)) one.count(LIMIT, 'shared');
    for (const _ of tries(5)) two.count(LIMIT, 'shared');
    await Promise.all([one.flush(), two.flush()]);
    // Whoever told last knows of both; the other learns with its next one.
    one.count(LIMIT, 'shared');
    await one.flush();
    assert.equal(one.ask(LIMIT, 'shared').exceeded, true);
    const [row] = await portals.sql<{ points: number }>(
      "select points from partner_throttle where key like 'test:shared:%'",
    );
    assert.equal(row!.points, 10);
  });

  it('cost one statement a flush, whatever was counted', async () => {
    let statements = 0;
    const one = process(() => {
      statements++;
      return false;
    });
    for (const who of tries(50)) for (const _ of tries(3)) one.count(LIMIT, `many-${who}`);
    assert.equal(statements, 0);
    await one.flush();
    assert.equal(statements, 1);
    await one.flush();
    assert.equal(statements, 1);
  });

  it('lose nothing when the database is away for a while', async () => {
    let away = true;
    const one = process(() => away);
    for (const _ of tries(3)) one.count(LIMIT, 'away');
    await assert.rejects(one.flush());
    one.count(LIMIT, 'away');
    away = false;
    await one.flush();
    const [row] = await portals.sql<{ points: number }>(
      "select points from partner_throttle where key like 'test:away:%'",
    );
    assert.equal(row!.points, 4);
  });

  it('begin anew with the next window', async () => {
    const one = process();
    for (const _ of tries(12)) one.count(LIMIT, 'window');
    assert.equal(one.ask(LIMIT, 'window').exceeded, true);
    now = new Date(now.getTime() + 60_000);
    assert.equal(one.ask(LIMIT, 'window').exceeded, false);
  });

  it('are exact where that is asked for, over two processes at once', async () => {
    const both = [process(), process()];
    const answers = await Promise.all(tries(40).map((index) => both[index % 2]!.exact(LIMIT, 'exact')));
    assert.equal(answers.filter(({ exceeded }) => !exceeded).length, 10);
  });

  it('answer 429 with when to come back, for that key and address alone', async () => {
    const ask = asker(portals.partner);
    const from = (address: string, key = amber.key) =>
      ask('get', '/market', key, { 'X-Forwarded-For': address });
    const first = await from('192.0.2.1').expect(200);
    assert.equal(first.get('RateLimit-Policy'), '"requests";q=6;w=1000000000');
    assert.match(first.get('RateLimit')!, /^"requests";r=5;t=\d+$/);
    for (const _ of tries(5)) await from('192.0.2.1').expect(200);
    const refused = await from('192.0.2.1').expect(429);
    assert.match(refused.type, /problem\+json/);
    assert.ok(Number(refused.get('Retry-After')) > 0);
    assert.match(refused.get('RateLimit')!, /r=0/);
    await from('192.0.2.2').expect(200);
    await from('192.0.2.1', basil.key).expect(200);
  });

  it('stop guesses at keys without a row for each', async () => {
    const ask = asker(portals.partner);
    const count = async () =>
      (
        await portals.sql<{ n: string }>(
          "select count(*) as n from partner_throttle where key like 'requests:%'",
        )
      )[0]!.n;
    await portals.partner.deps.open!.limits.flush();
    const before = await count();
    const guess = () => ask('get', '/market', randomUUID(), { 'X-Forwarded-For': '192.0.2.9' });
    const statuses: number[] = [];
    // Twice the limit and more: the minute may end on the way.
    while (statuses.at(-1) !== 429 && statuses.length < 260) statuses.push((await guess()).status);
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
    await portals.partner.deps.open!.limits.flush();
    assert.equal(await count(), before);
    await ask('get', '/market', basil.key, { 'X-Forwarded-For': '192.0.2.9' }).expect(200);
  });
});
