import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { withClient } from '../../../server/db/setup/connect.ts';
import { signContext } from '../../../server/market/context.ts';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { pairedTill, TestTill, tillServer } from '../../support/till.ts';
import { amber, basil, partnerScope } from '../../support/two-markets.ts';

const CODE = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/;

describe('Partner: devices', () => {
  let portals: TestPortals;
  let manager: Browser;
  let analyst: Browser;

  before(async () => {
    portals = await startPortals();
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
    analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
  });
  after(() => portals?.close());

  const add = async (fields: Record<string, string> = {}) => {
    await manager.get('/devices/new');
    return manager.submit('/devices', { name: 'Counter 1', branchId: amber.branch, ...fields });
  };
  const trail = async (id: string) =>
    (
      await portals.sql<{ entry: string }>(
        `select surface || ' ' || action || ' ' || actor_id as entry from audit_entry where subject_id = $1 order by at, id`,
        [id],
      )
    ).map(({ entry }) => entry);

  it('makes a code that is shown once, and that a till pairs with', async () => {
    const page = await add();
    assert.equal(page.status, 201, page.text);
    const code = CODE.exec(page.text)![0];
    const id = /\/devices\/pairings\/([0-9a-f-]{36})/.exec(page.text)![1]!;
    assert.match(page.text, /<svg class="qr"/);
    for (const path of ['/devices', `/devices/pairings/${id}`]) {
      const { text } = await manager.get(path);
      assert.ok(!text.includes(code) && text.includes('Counter 1'), path);
    }
    const kept = await portals.sql('select * from device_pairing where id = $1', [id]);
    assert.ok(!JSON.stringify(kept).includes(code.replaceAll('-', '')));
    const till = await TestTill.create(tillServer(portals));
    assert.equal((await till.pair(code)).body.deviceId, id);
    assert.match((await manager.get(`/devices/pairings/${id}`)).text, new RegExp(`href="/devices/${id}"`));
    const shown = await manager.get(`/devices/${id}`);
    assert.equal(shown.status, 200);
    assert.deepEqual(await trail(id), [`partner device.add ${amber.manager}`, `device device.pair ${id}`]);
  });

  for (const [field, value] of [
    ['name', ''],
    ['name', 'n'.repeat(61)],
    ['branchId', ''],
    ['branchId', 'x'],
    ['branchId', randomUUID()],
    ['branchId', basil.branch],
  ] as const) {
    it(`refuses ${field} = "${value.slice(0, 12)}" at the field`, async () => {
      const answer = await add({ [field]: value });
      assert.equal(answer.status, 422);
      assert.match(answer.text, new RegExp(`id="f-${field}-error"`));
    });
  }

  it('refuses a branch that is closed', async () => {
    await portals.sql(`update branch set state = 'closed' where id = $1`, [amber.secondBranch]);
    assert.equal((await add({ branchId: amber.secondBranch })).status, 422);
    await portals.sql(`update branch set state = 'open' where id = $1`, [amber.secondBranch]);
  });

  it('takes back a code that nobody has used, and only that', async () => {
    const page = await add({ name: 'Withdrawn' });
    const code = CODE.exec(page.text)![0];
    const id = /\/devices\/pairings\/([0-9a-f-]{36})/.exec(page.text)![1]!;
    await manager.get('/devices');
    assert.equal((await manager.submit(`/devices/pairings/${id}/withdrawal`)).status, 303);
    assert.equal((await manager.submit(`/devices/pairings/${id}/withdrawal`)).status, 404);
    const till = await TestTill.create(tillServer(portals));
    assert.equal((await till.pair(code)).body.code, 'pairing-refused');
  });

  it('renames a till, and revokes it for good: at its next request it knows', async () => {
    const till = await pairedTill(portals, amber);
    const at = `/devices/${till.deviceId}`;
    await manager.get(at);
    assert.equal((await manager.submit(at, { name: 'Window' })).status, 303);
    assert.equal((await till.get('/device')).body.name, 'Window');
    await manager.get(at);
    assert.equal((await manager.submit(`${at}/revocation`)).status, 303);
    assert.equal((await manager.submit(`${at}/revocation`)).status, 303);
    assert.equal((await till.get('/device')).body.code, 'device-revoked');
    const [row] = await portals.sql('select state, revoked_by from device where id = $1', [till.deviceId]);
    assert.deepEqual(row, { state: 'revoked', revoked_by: amber.manager });
    assert.deepEqual(await trail(till.deviceId), [
      `device device.pair ${till.deviceId}`,
      `partner device.rename ${amber.manager}`,
      `partner device.revoke ${amber.manager}`,
    ]);
    assert.match((await manager.get(at)).text, /marker-amber/);
  });

  it('lets an analyst look and nothing else', async () => {
    const till = await pairedTill(portals, amber);
    assert.equal((await analyst.get('/devices')).status, 200);
    assert.equal((await analyst.get(`/devices/${till.deviceId}`)).status, 200);
    assert.equal((await analyst.get('/devices/new')).status, 403);
    for (const path of ['/devices', `/devices/${till.deviceId}`, `/devices/${till.deviceId}/revocation`])
      assert.equal((await analyst.submit(path, { name: 'x', branchId: amber.branch })).status, 403, path);
    assert.equal((await till.get('/device')).status, 200);
  });

  it('shows another market’s devices to nobody: unknown, foreign and malformed are one answer', async () => {
    const foreign = await pairedTill(portals, basil);
    for (const [method, path] of [
      ['get', ''],
      ['post', ''],
      ['post', '/revocation'],
    ] as const) {
      const answers = await Promise.all(
        [foreign.deviceId, randomUUID(), 'x'].map(async (id) => {
          const at = `/devices/${id}${path}`;
          const answer = await (method === 'get' ? manager.get(at) : manager.submit(at, { name: 'mine' }));
          return [answer.status, /marker-basil/.test(answer.text)];
        }),
      );
      assert.deepEqual(
        answers,
        [
          [404, false],
          [404, false],
          [404, false],
        ],
        `${method} ${path}`,
      );
    }
    assert.equal((await foreign.get('/device')).body.name, 'Till 1');
    const list = await manager.get('/devices');
    assert.ok(!list.text.includes(foreign.deviceId));
  });

  describe('as JSON', () => {
    let token: string;
    before(async () => {
      token = await portals.token(partnerLogin('amber', 'owner'));
    });
    const api = (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: unknown) =>
      portals.partner.browser().api(method, path, { token, ...(body === undefined ? {} : { body }) });

    it('adds, follows, renames and revokes', async () => {
      const made = await api('post', '/devices', { name: 'Api', branchId: amber.branch });
      assert.equal(made.status, 201, made.text);
      assert.equal(
        made.body.address,
        `${portals.partner.deps.config.publicUrl}/till#pair=${made.body.code.replaceAll('-', '')}`,
      );
      const waiting = await api('get', '/devices/pairings');
      assert.ok(waiting.body.rows.some(({ id }: { id: string }) => id === made.body.id));
      assert.ok(!waiting.text.includes(made.body.code));
      const till = await TestTill.create(tillServer(portals));
      assert.equal((await till.pair(made.body.code)).status, 201);
      assert.equal((await api('get', `/devices/pairings/${made.body.id}`)).body.state, 'done');
      const renamed = await api('patch', `/devices/${till.deviceId}`, { name: 'Renamed' });
      assert.deepEqual([renamed.status, renamed.body.name], [200, 'Renamed']);
      const list = await api('get', '/devices?state=active&q=renamed');
      assert.deepEqual(
        list.body.rows.map(({ id }: { id: string }) => id),
        [till.deviceId],
      );
      assert.equal((await api('post', `/devices/${till.deviceId}/revocation`)).status, 204);
      assert.equal((await api('get', `/devices/${till.deviceId}`)).body.state, 'revoked');
      assert.equal((await api('delete', `/devices/pairings/${made.body.id}`)).status, 404);
    });

    it('shows staff the devices of all markets, or of one, and lets them change none', async () => {
      const staff = await portals.token(staffLogin('support'));
      const ask = (path: string) => portals.admin.browser().api('get', path, { token: staff });
      const all = await ask('/devices?limit=100');
      assert.equal(all.status, 200, all.text);
      const markets = new Set(all.body.rows.map(({ market }: { market: { id: string } }) => market.id));
      assert.deepEqual([...markets].sort(), [amber.marketId, basil.marketId].sort());
      const one = await ask(`/devices?market=${basil.marketId}`);
      assert.ok(
        one.body.rows.every(({ market }: { market: { id: string } }) => market.id === basil.marketId),
      );
      const page = await (await portals.signIn(staffLogin('support'))).get(
        `/devices?market=${basil.marketId}`,
      );
      assert.ok(page.status === 200 && !page.text.includes('marker-amber device'));
    });
  });

  describe('by hand-written SQL', () => {
    /** As the manager of Amber, past everything but the database. */
    const asManager = (text: string, role: 'manager' | 'analyst' = 'manager') =>
      withClient(portals.database.url('bulkhead_partner'), async (client) => {
        const pid = (client as unknown as { processID: number }).processID;
        const context = signContext(partnerScope(amber, role), portals.database.contextKeys.partner[0]!, pid);
        await client.query("select set_config('app.context', $1, false)", [context]);
        return client
          .query(text)
          .then(({ rowCount }) => `${rowCount} rows`)
          .catch(({ code }: { code: string }) => code);
      });

    it('a revoked till stays it, and no till gets another key or branch', async () => {
      const revoked = `where id = '${amber.revokedDevice}'`;
      const working = `where id = '${amber.device}'`;
      for (const [sql, outcome] of [
        [`update device set state = 'active', revoked_at = null ${revoked}`, 'BH020'],
        [`update device set revoked_at = now() ${revoked}`, 'BH020'],
        [`update device set revoked_by = '${amber.owner}' ${revoked}`, 'BH020'],
        [`update device set name = 'still revoked' ${revoked}`, '1 rows'],
        [`update device set public_key = '{}' ${working}`, '42501'],
        [`update device set thumbprint = 'x' ${working}`, '42501'],
        [`update device set branch_id = '${amber.secondBranch}' ${working}`, '42501'],
        [`update device set paired_at = now() ${working}`, '42501'],
        [`delete from device ${revoked}`, '42501'],
        [`update device set state = 'revoked', revoked_at = now() where id = '${basil.device}'`, '0 rows'],
        [
          `insert into device (market_id, id, branch_id, name, public_key, thumbprint, created_by)
          select market_id, gen_random_uuid(), branch_id, name, public_key, thumbprint, created_by from device ${working}`,
          '42501',
        ],
      ]) {
        assert.equal(await asManager(sql!), outcome, sql);
      }
      for (const sql of [
        `update device set branch_id = '${amber.secondBranch}' ${working}`,
        `update device set public_key = '{}' ${working}`,
        `update device set thumbprint = 'x' ${working}`,
      ])
        await assert.rejects(portals.sql(sql), /keeps its key and its branch/, 'even for a superuser');
    });

    it('who revoked a till, and when, is what happened', async () => {
      const till = await pairedTill(portals, amber);
      const lie = `update device set state = 'revoked', revoked_at = '2020-01-01', revoked_by = '${amber.owner}' where id = '${till.deviceId}'`;
      assert.equal(await asManager(lie, 'analyst'), '0 rows');
      assert.equal(await asManager(lie), '1 rows');
      const [row] = await portals.sql<{ by: string; fresh: boolean }>(
        `select revoked_by as by, revoked_at > now() - interval '1 minute' as fresh from device where id = $1`,
        [till.deviceId],
      );
      assert.deepEqual(row, { by: amber.manager, fresh: true });
    });

    it('a code holds for ten minutes whoever makes it, and its digest is read by nobody', async () => {
      const insert = (columns: string, values: string) =>
        `insert into device_pairing (id, branch_id, name, code_digest${columns}) values (gen_random_uuid(), '${amber.branch}', 'x', 'x'${values})`;
      for (const [sql, outcome] of [
        [insert('', ''), '1 rows'],
        [insert(', expires_at', ", now() + interval '1 year'"), '42501'],
        [insert(', created_by', `, '${amber.owner}'`), '42501'],
        [insert(', market_id', `, '${basil.marketId}'`), '42501'],
        ['select code_digest from device_pairing', '42501'],
        [`update device_pairing set expires_at = now() + interval '1 year'`, '42501'],
        [`update device_pairing set used_at = null`, '42501'],
        [`select * from app.pair_device('x', '{}', 'x', '', '')`, '42501'],
      ]) {
        assert.equal(await asManager(sql!), outcome, sql);
      }
      assert.equal(await asManager(insert('', ''), 'analyst'), '42501');
    });
  });
});
