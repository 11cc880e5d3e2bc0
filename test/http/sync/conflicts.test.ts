import assert from 'node:assert/strict';
import { withClient } from '../../../server/db/setup/connect.ts';
import { partnerLogin, staffLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { insertClaims, redemptionOf } from '../../support/sync.ts';
import { pairedTill, type TestTill } from '../../support/till.ts';
import { amber, partnerScope } from '../../support/two-markets.ts';

describe('conflicts', () => {
  let portals: TestPortals;
  let till: TestTill;

  before(async () => {
    portals = await startPortals();
    till = await pairedTill(portals, amber);
  });
  after(() => portals.close());

  /** A claim that the portal had redeemed when the till's redemption came. */
  async function conflict(): Promise<{ path: string; id: string; code: string }> {
    const [claim] = await withClient(portals.database.superuserUrl, (client) =>
      insertClaims(client, amber, 1),
    );
    await portals.partner.deps.database
      .scoped(partnerScope(amber))
      .claim.updateMany({ where: { id: claim!.id }, data: { state: 'redeemed', branchId: amber.branch } });
    const operation = redemptionOf(claim!.code);
    await till.post('/push', { operations: [operation] });
    return { path: `/conflicts/${till.deviceId}/${operation.id}`, id: operation.id, code: claim!.code };
  }

  it('are listed, shown with both sides, and decided once with a note, all in the audit trail', async () => {
    const { path, id, code } = await conflict();
    const manager = await portals.signIn(partnerLogin('amber'));
    const list = await manager.get(`/conflicts?q=${code}&decided=no&kind=redeemed`);
    assert.ok(list.text.includes(path));
    assert.ok((await manager.get('/')).text.includes('/conflicts?decided=no'));
    const page = await manager.get(path);
    assert.match(page.text, /marker-amber manager|marker-amber/);
    const empty = await manager.submit(`${path}/resolution`, { resolution: '', note: '' });
    assert.equal(empty.status, 422);
    const saved = await manager.submit(`${path}/resolution`, {
      resolution: 'honoured',
      note: 'A good customer',
    });
    assert.equal(saved.status, 303);
    const shown = await manager.get(path);
    assert.ok(shown.text.includes('A good customer') && shown.text.includes('marker-amber'));
    const [row] = await portals.sql<Record<string, unknown>>('select * from redemption where id = $1', [id]);
    assert.deepEqual([row!.resolution, row!.resolved_by], ['honoured', amber.manager]);
    const audits = await portals.sql(
      `select details from audit_entry where action = 'redemption.resolve' and subject_id = $1`,
      [id],
    );
    assert.deepEqual(audits, [
      { details: { code, kind: 'redeemed', resolution: 'honoured', note: 'A good customer' } },
    ]);
  });

  it('are decided by one of two who decide at once', async () => {
    const { path } = await conflict();
    const token = await portals.token(partnerLogin('amber', 'owner'));
    const decide = (resolution: string) =>
      portals.partner.browser().api('post', `${path}/resolution`, { token, body: { resolution } });
    const answers = await Promise.all(['honoured', 'refunded', 'written-off'].map(decide));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409, 409]);
    assert.equal(answers.find(({ status }) => status === 409)!.body.code, 'conflict-decided');
  });

  it('are for an analyst to look at, and for another market not there', async () => {
    const { path } = await conflict();
    const decide = (token: string) =>
      portals.partner
        .browser()
        .api('post', `${path}/resolution`, { token, body: { resolution: 'honoured' } });
    const analyst = await portals.token(partnerLogin('amber', 'analyst'));
    assert.equal((await portals.partner.browser().api('get', path, { token: analyst })).status, 200);
    assert.equal((await decide(analyst)).status, 403);
    const foreign = await portals.token(partnerLogin('basil', 'owner'));
    assert.equal((await portals.partner.browser().api('get', path, { token: foreign })).status, 404);
    assert.equal((await decide(foreign)).status, 404);
    const list = await portals.partner.browser().api('get', '/conflicts?limit=100', { token: foreign });
    assert.ok(!JSON.stringify(list.body).includes(till.deviceId));
  });

  it('are seen by staff across markets, who have nothing to decide', async () => {
    const { path, code } = await conflict();
    const staff = await portals.signIn(staffLogin());
    const list = await staff.get(`/conflicts?market=${amber.marketId}`);
    assert.equal(list.status, 200);
    assert.ok(list.text.includes(`${code.slice(0, 4)}-${code.slice(4)}`));
    assert.equal((await staff.get(path)).status, 404);
    const token = await portals.token(staffLogin('support'));
    const { body } = await portals.admin.browser().api('get', '/conflicts?limit=100', { token });
    assert.ok(body.rows.some((row: { code: string }) => row.code === code));
  });

  it('a claim that a till redeemed names the till', async () => {
    const [claim] = await withClient(portals.database.superuserUrl, (client) =>
      insertClaims(client, amber, 1),
    );
    await till.post('/push', { operations: [redemptionOf(claim!.code)] });
    const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
    assert.match((await analyst.get(`/redemptions/${claim!.id}`)).text, /Till 1/);
  });
});
