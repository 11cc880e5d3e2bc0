import assert from 'node:assert/strict';
import { type Request, Router } from 'express';
import { decodeJwt } from 'jose';
import { deviceSurface } from '../../../server/devices/device.routes.ts';
import { requireOperation } from '../../../server/devices/device-operations.ts';
import { noteState } from '../../../server/devices/till-state.service.ts';
import { partner } from '../../../server/portals/partner.ts';
import { startBeside, startPortals, type TestPortals } from '../../support/http.ts';
import { insertCode, makeKey, pairedTill, TestTill, tillServer } from '../../support/till.ts';
import { amber } from '../../support/two-markets.ts';

describe('how a till enters and works', () => {
  let portals: TestPortals;

  before(async () => {
    portals = await startPortals();
  });
  after(() => portals?.close());

  const trail = (deviceId: string) =>
    portals.sql<{ action: string; actor_kind: string; surface: string }>(
      'select action, actor_kind, surface from audit_entry where actor_id = $1 order by at, id',
      [deviceId],
    );

  it('a code and a key become a till of its branch, with a token for the key', async () => {
    const { id, code } = await insertCode(portals, amber, { name: 'Counter' });
    const till = await TestTill.create(tillServer(portals));
    const answer = await till.pair(`${code.slice(0, 4)}-${code.slice(4, 8)} ${code.slice(8)}`.toLowerCase(), {
      appVersion: '1.2.3',
    });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.equal(answer.body.deviceId, id);
    assert.equal(answer.body.branch.id, amber.branch);
    assert.equal(answer.body.market.id, amber.marketId);
    assert.equal(answer.body.expiresIn, 900);
    const claims = decodeJwt(till.token) as Record<string, unknown>;
    assert.equal(claims.sub, id);
    assert.equal(claims.brn, amber.branch);
    assert.equal(Number(claims.exp) - Number(claims.iat), 900);
    const [row] = await portals.sql('select name, state, app_version, branch_id from device where id = $1', [
      id,
    ]);
    assert.deepEqual(row, {
      name: 'Counter',
      state: 'active',
      app_version: '1.2.3',
      branch_id: amber.branch,
    });
    assert.deepEqual(await trail(id), [{ action: 'device.pair', actor_kind: 'device', surface: 'device' }]);
    const own = await till.get('/device');
    assert.deepEqual([own.status, own.body.deviceId, own.body.name], [200, id, 'Counter']);
  });

  it('a code works once; the key that used it may ask again, its answer may have been lost', async () => {
    const { code } = await insertCode(portals, amber);
    const till = await TestTill.create(tillServer(portals));
    const first = await till.pair(code);
    const again = await till.pair(code);
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.equal(again.body.deviceId, first.body.deviceId);
    assert.equal((await trail(till.deviceId)).length, 1);
    const thief = await TestTill.create(tillServer(portals), await makeKey());
    const late = await thief.pair(code);
    const wrong = await thief.pair('AAAA-BBBB-CCCC');
    const { code: old, id } = await insertCode(portals, amber);
    await portals.sql(`update device_pairing set expires_at = now() where id = $1`, [id]);
    const expired = await thief.pair(old);
    const told = ({ status, body: { instance: _, ...body } }: typeof late) => [status, body];
    assert.equal(wrong.body.code, 'pairing-refused');
    assert.deepEqual(told(late), told(wrong));
    assert.deepEqual(told(expired), told(wrong));
  });

  it('a challenge answered with the key gives another token, and leaves an entry', async () => {
    const till = await pairedTill(portals, amber);
    const answer = await till.authenticate({
      state: { appVersion: '2', queueDepth: 7, clock: '2020-01-01T00:00:00Z' },
    });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.deepEqual(
      (await trail(till.deviceId)).map(({ action }) => action),
      ['device.pair', 'device.token'],
    );
    const [row] = await portals.sql<{ queue_depth: number; app_version: string; clock_skew_ms: string }>(
      'select queue_depth, app_version, clock_skew_ms from device where id = $1',
      [till.deviceId],
    );
    assert.deepEqual([row!.queue_depth, row!.app_version], [7, '2']);
    assert.ok(Number(row!.clock_skew_ms) < -1e11);
    assert.equal((await till.get('/device')).status, 200);
  });

  it('a till whose clock is years off works all the same', async () => {
    const till = await pairedTill(portals, amber);
    till.skew = -5 * 365 * 86_400_000;
    assert.equal((await till.authenticate()).status, 201);
    assert.equal((await till.get('/device')).status, 200);
  });

  it('revoked means refused at the next request, and told since when', async () => {
    const till = await pairedTill(portals, amber);
    assert.equal((await till.get('/device')).status, 200);
    await portals.sql(`update device set state = 'revoked' where id = $1`, [till.deviceId]);
    const refused = await till.get('/device');
    assert.deepEqual([refused.status, refused.body.code], [403, 'device-revoked']);
    assert.ok(Date.parse(refused.body.revokedAt) > Date.now() - 60_000);
    for (let time = 0; time < 2; time++) {
      const knocked = await till.authenticate();
      assert.deepEqual([knocked.status, knocked.body.code], [403, 'device-revoked']);
    }
    // Its knocking is in the trail once an hour.
    assert.deepEqual(
      (await trail(till.deviceId)).map(({ action }) => action),
      ['device.pair', 'device.refuse'],
    );
  });

  it('a pairing that a plan’s limit refuses leaves nothing behind, and the code good', async () => {
    const { id, code } = await insertCode(portals, amber);
    const till = await TestTill.create(tillServer(portals));
    await portals.sql(`
      create function public.full() returns trigger language plpgsql as $$ begin
        raise exception '{"limit":"devices","use":1,"cap":1,"plan":"free"}' using errcode = 'BH010'; end $$;
      create trigger full_up after insert on device for each row execute function public.full()`);
    const refused = await till.pair(code);
    await portals.sql('drop trigger full_up on device; drop function public.full()');
    assert.ok([403, 409].includes(refused.status), JSON.stringify(refused.body));
    assert.deepEqual(await portals.sql('select id from device where id = $1', [id]), []);
    assert.deepEqual(await trail(id), []);
    assert.equal((await till.pair(code)).status, 201);
  });

  it('codes are tried thirty times in ten minutes from one network, by all processes together', async () => {
    const second = await startBeside(portals);
    try {
      await portals.sql(`delete from partner_throttle where key like 'pairings%'`);
      const guessers = await Promise.all(
        [portals, { partner: second }].map((each) => TestTill.create(tillServer(each))),
      );
      const answers: number[] = [];
      for (let time = 0; time < 32; time++)
        answers.push((await guessers[time % 2]!.pair('0000-0000-0000')).status);
      assert.deepEqual([answers.indexOf(429), answers.filter((status) => status === 422).length], [30, 30]);
    } finally {
      await portals.sql(`delete from partner_throttle where key like 'pairings%'`);
      await second.close();
    }
  });

  it('of two tills with one code at once, one gets it', async () => {
    for (let round = 0; round < 10; round++) {
      const { code } = await insertCode(portals, amber);
      const tills = await Promise.all(Array.from({ length: 4 }, () => TestTill.create(tillServer(portals))));
      const answers = await Promise.all(tills.map((till) => till.pair(code)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422, 422, 422]);
      await portals.sql(`delete from partner_throttle where key like 'pairings%'`);
    }
  });

  describe('a route of another room', () => {
    let other: TestPortals;
    /** What a room adds: a router behind the till's proof, and operations that a token has to hold. */
    const routes = () =>
      Router()
        .get('/probe', requireOperation('pull:offers'), (req, res) => void res.json(probed(req)))
        .post('/probe', requireOperation('push:redemptions', 'pull:offers'), async (req, res) => {
          await noteState(req.till.direct, req.body.state, new Date());
          res.json({ ...probed(req), seen: await req.till.db.branch.findMany({ select: { id: true } }) });
        });
    const probed = ({ till }: Request) => ({ device: till.device, operations: [...till.operations] });

    before(async () => {
      const surface = deviceSurface({ routes: [routes], operations: [] });
      other = await startPortals({ portals: { partner: { ...partner, deviceRoutes: [surface] } } });
    });
    after(() => other?.close());

    it('finds the till and both ways to the database, under the token’s operations alone', async () => {
      const till = await pairedTill(other, amber, { name: 'Probe' });
      const read = await till.get('/probe?locale=ar');
      assert.deepEqual([read.status, read.body.device.name], [200, 'Probe']);
      const state = { appVersion: '3', queueDepth: 2, clock: new Date().toISOString() };
      const wrote = await till.post('/probe', { state });
      assert.deepEqual(wrote.body.seen, [{ id: amber.branch }]);
      const [row] = await other.sql(
        "select app_version, queue_depth, last_seen_at > now() - interval '5 seconds' as seen from device where id = $1",
        [till.deviceId],
      );
      assert.deepEqual(row, { app_version: '3', queue_depth: 2, seen: true });
      await till.authenticate({ operations: ['pull:offers'] });
      assert.equal((await till.get('/probe')).status, 200);
      const refused = await till.post('/probe', { state });
      assert.deepEqual([refused.status, refused.body.code], [403, 'operation-refused']);
    });

    it('is not reached twice by what a till says of itself within a minute', async () => {
      const till = await pairedTill(other, amber);
      const seen = async () =>
        (
          await other.sql<{ xmin: string }>('select xmin::text from device where id = $1', [till.deviceId])
        )[0]!.xmin;
      const state = { appVersion: '3', queueDepth: 0 };
      await till.post('/probe', { state });
      const first = await seen();
      for (let time = 0; time < 5; time++) await till.post('/probe', { state });
      assert.equal(await seen(), first, 'nothing new, nothing written');
      await till.post('/probe', { state: { queueDepth: 1 } });
      assert.notEqual(await seen(), first);
    });
  });
});
