import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { withClient } from '../../../server/db/setup/connect.ts';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { openSession, setConsent } from '../../support/support-sessions.ts';
import { insertClaims, redemptionOf } from '../../support/sync.ts';
import { pairedTill } from '../../support/till.ts';
import { amber, basil } from '../../support/two-markets.ts';

interface Entry {
  readonly id: string;
  readonly actor_kind: string;
  readonly on_behalf_of: string | null;
  readonly support_session_id: string | null;
  readonly receipt: string;
  readonly details: Record<string, unknown>;
  readonly changes: Record<string, { before?: unknown; after?: unknown }> | null;
}

describe('for whom somebody acted, in the audit trail', () => {
  let portals: TestPortals;
  let operator: Browser;
  let manager: Browser;

  before(async () => {
    portals = await startPortals({ env: { RECEIPTS: 'on' } });
    [operator, manager] = await Promise.all([
      portals.signIn(staffLogin('operator')),
      portals.signIn(partnerLogin('amber', 'manager')),
    ]);
  });
  after(() => portals.close());

  const entries = (action: string, market = amber.marketId) =>
    portals.sql<Entry & Record<string, unknown>>(
      'select * from audit_entry where market_id = $1 and action = $2 order by at, id',
      [market, action],
    );
  const last = async (action: string, market?: string): Promise<Entry> =>
    (await entries(action, market)).at(-1)!;

  it('staff act for the platform, and the market reads so', async () => {
    await operator.get(`/markets/${basil.marketId}`);
    const answer = await operator.submit(`/markets/${basil.marketId}/state`, {
      ...{ state: 'suspended', reason: 'Unpaid' },
    });
    assert.equal(answer.status, 303, answer.text);
    const entry = await last('market.suspend', basil.marketId);
    assert.equal(entry.on_behalf_of, 'platform');
    assert.deepEqual(entry.changes, {
      state: { before: 'active', after: 'suspended' },
      stateReason: { before: 'marker-basil market state_reason main', after: 'Unpaid' },
    });
    const page = await operator.get(`/audit?market=${basil.marketId}&action=market.suspend`);
    assert.match(page.text, /for the platform/);
    const csv = await operator.get(`/audit/file?format=csv&market=${basil.marketId}&action=market.suspend`);
    const [head, row] = csv.text.split(/\r?\n/);
    assert.equal(row!.split(',')[head!.split(',').indexOf('onBehalfOf')], 'platform');
  });

  it('a till is paired for the member who made its code, and redeems for its branch', async () => {
    const till = await pairedTill(portals, amber);
    const paired = await last('device.pair');
    assert.match(paired.on_behalf_of!, /^member:[0-9a-f-]{36}$/);
    assert.equal(paired.changes?.state?.after, 'active');
    const [claim] = await withClient(portals.database.superuserUrl, (client) =>
      insertClaims(client, amber, 1, {}),
    );
    await till.post('/push', { operations: [redemptionOf(claim!.code), redemptionOf('ABCDEFGH')] });
    const redeemed = await last('claim.redeem');
    assert.deepEqual([redeemed.actor_kind, redeemed.on_behalf_of], ['device', `branch:${amber.branch}`]);
    assert.deepEqual(redeemed.changes, {
      state: { before: 'open', after: 'redeemed' },
      branchId: { before: null, after: amber.branch },
    });
    assert.equal((await last('redemption.conflict')).changes?.state?.after, 'conflict');
    const [branch] = await portals.sql<{ name_en: string }>('select name_en from branch where id = $1', [
      amber.branch,
    ]);
    assert.ok((await manager.get('/audit?action=claim.redeem')).text.includes(`for ${branch!.name_en}`));
  });

  it('each page that support looks at is an entry, and what it was refused one of the platform’s', async () => {
    await setConsent(portals, 'always');
    const { agent, id } = await openSession(portals);
    const looked = await agent.get(`/offers/${amber.offer}`);
    assert.equal(looked.status, 200);
    const read = (await entries('support-session.read')).find(
      ({ receipt }) => receipt === looked.get('x-request-id'),
    )!;
    assert.deepEqual([read.on_behalf_of, read.support_session_id], ['platform', id]);
    assert.deepEqual(
      [read.details.method, read.details.route, read.details.status],
      ['GET', '/offers/:id', 200],
    );
    assert.ok((read.details.models as string[]).length > 0);
    const opened = await last('support-session.open');
    assert.deepEqual([opened.on_behalf_of, opened.support_session_id], ['platform', id]);
    assert.ok(opened.changes?.expiresAt?.after);
    await agent.submit(`/offers/${amber.offer}/end`, {});
    const refused = async () =>
      portals.sql<Entry & Record<string, unknown>>(
        "select * from platform_audit_entry where action = 'access.deny' and support_session_id = $1",
        [id],
      );
    for (let times = 0; times < 50 && (await refused()).length === 0; times++) await pause(20);
    assert.equal((await refused())[0]?.actor_kind, 'support');
    assert.match((await manager.get('/audit?action=support-session.read')).text, /Page looked at by support/);
  });

  it('a new password is told, and neither of the two', async () => {
    const analyst = partnerLogin('amber', 'analyst');
    const browser = await portals.signIn(analyst);
    await browser.get('/profile');
    const [current, next] = [analyst.password, 'another horse battery'];
    const answer = await browser.submit('/profile/password', {
      ...{ password: current, newPassword: next, currentPassword: current, repeated: next },
    });
    assert.ok(answer.status < 400, answer.text);
    const entry = await last('session.password-change');
    assert.deepEqual(entry.changes, { password: { before: '***', after: '***' } });
  });

  it('every chain still holds', async () => {
    const { rows } = await withClient(portals.database.superuserUrl, (client) =>
      client.query(`select count(*)::int as without from audit_entry e where not exists (
        select from audit_link l where l.market_id = e.market_id and l.entry_id = e.id)`),
    );
    assert.deepEqual(rows, [{ without: 0 }]);
  });
});
