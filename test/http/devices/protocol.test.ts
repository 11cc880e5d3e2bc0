import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { startPortals, type TestPortals } from '../../support/http.ts';
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
});
