import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { readPublicKeys } from '../../../server/audit/signing.ts';
import {
  AUDIT_SIGNER,
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('The audit trail', () => {
  let portals: TestPortals;
  let operator: Browser;
  let support: Browser;
  let manager: Browser;

  /** As a superuser to whom no trigger speaks. */
  const tamper = (text: string) =>
    portals.sql(`set session_replication_role = replica; ${text}; set session_replication_role = origin`);
  const trail = (marketId: string, action: string) =>
    portals.sql<Record<string, never> & { details: Record<string, unknown>; changes: unknown }>(
      'select * from audit_entry where market_id = $1 and action = $2 order by at, id',
      [marketId, action],
    );

  before(async () => {
    portals = await startPortals();
    // The fixture's checkpoints and anchors are rows like all others, and nobody has signed them.
    await tamper(
      'delete from audit_checkpoint; delete from platform_audit_checkpoint; delete from audit_anchor',
    );
    [operator, support, manager] = await Promise.all([
      portals.signIn(staffLogin('operator')),
      portals.signIn(staffLogin('support')),
      portals.signIn(partnerLogin('amber', 'manager')),
    ]);
  });
  after(() => portals.close());

  it('says at both portals which keys sign', async () => {
    for (const portal of [portals.admin, portals.partner]) {
      const answer = await portal.browser().get('/.well-known/bulkhead-audit.json');
      assert.equal(answer.status, 200);
      const { keys } = JSON.parse(answer.text) as { keys: { kid: string; x: string }[] };
      assert.deepEqual(readPublicKeys(keys[0]!.x), [
        { keyId: AUDIT_SIGNER.keyId, publicKey: AUDIT_SIGNER.publicKey },
      ]);
      assert.equal(keys[0]!.kid, AUDIT_SIGNER.keyId);
      assert.ok(!answer.text.includes('"d"'));
    }
  });

  async function verified(browser: Browser): Promise<string> {
    await browser.get('/audit/verification');
    assert.equal((await browser.submit('/audit/verification', {})).status, 303);
    for (let times = 0; times < 100; times++) {
      const page = await browser.get('/audit/verification');
      if (!page.text.includes('id="verified"')) return page.text;
      await pause(20);
    }
    throw new Error('The verification does not end');
  }

  it('is verified on a page, by support too, and what is wrong is named there', async () => {
    await portals.admin.deps.audit!.anchor();
    const sound = await verified(support);
    assert.match(sound, /Nothing was touched/);
    const [entry] = await portals.sql<{ id: string }>(
      'select entry_id as id from audit_link where market_id = $1 and seq = 2',
      [amber.marketId],
    );
    await tamper(`update audit_entry set action = 'offer.delete' where id = '${entry!.id}'`);
    const page = await verified(operator);
    assert.match(page, /1 chain or file is not what was written/);
    assert.match(page, /Entry changed/);
    assert.ok(page.includes(entry!.id));
    const answer = await portals.admin
      .browser()
      .api('get', '/audit/verifications', { token: await portals.token(staffLogin()) });
    assert.deepEqual(
      answer.body.rows[0].findings.map(({ kind, seq, entryId }: Record<string, unknown>) => [
        kind,
        seq,
        entryId,
      ]),
      [['edited', 2, entry!.id]],
    );
    const [noted] = await portals.sql(
      "select details from platform_audit_entry where action = 'audit.verify'",
    );
    assert.ok(noted);
  });

  it('keeps each field as it was and as it is', async () => {
    await manager.get(`/branches/${amber.secondBranch}`);
    const [before] = await portals.sql<Record<string, string>>('select * from branch where id = $1', [
      amber.secondBranch,
    ]);
    const values = {
      ...{
        nameEn: 'Corner shop',
        nameAr: before!.name_ar!,
        addressEn: before!.address_en!,
        addressAr: before!.address_ar!,
      },
      ...{ city: before!.city!, latitude: '24.7', longitude: '46.6' },
    };
    const answer = await manager.submit(`/branches/${amber.secondBranch}`, values);
    assert.equal(answer.status, 303, answer.text);
    const [entry] = (await trail(amber.marketId, 'branch.update')).slice(-1);
    const changes = entry!.changes as Record<string, unknown>;
    assert.deepEqual(changes.nameEn, { before: before!.name_en, after: 'Corner shop' });
    assert.ok(!('nameAr' in changes));
    assert.match((await manager.get('/audit')).text, /Corner shop/);
  });

  it('has failed sign-ins in the trail of each market that the person is in, or in the platform’s', async () => {
    const fail = (email: string, portal = portals.partner) =>
      portal.browser().api('post', '/tokens', { body: { email, password: 'wrong horse battery' } });
    await fail(partnerLogin('basil', 'manager').email);
    await fail('nobody@example.test');
    await fail(staffLogin().email, portals.admin);
    await settled();
    const [own] = await trail(basil.marketId, 'session.fail');
    assert.equal((own as unknown as { subject_id: string }).subject_id, basil.manager);
    assert.deepEqual(await trail(amber.marketId, 'session.fail'), []);
    const noted = await portals.sql<{ surface: string; details: { known: boolean } }>(
      "select surface, details from platform_audit_entry where action = 'session.fail' order by at",
    );
    assert.deepEqual(noted.map(({ surface, details }) => [surface, details.known]).sort(), [
      ['admin', true],
      ['partner', false],
    ]);
  });

  it('can’t be filled up by knocking', async () => {
    const members = [{ marketId: basil.marketId, actorId: basil.analyst }];
    const failed = { personId: null, members, address: '192.0.2.1', receipt: '' };
    const before = (await trail(basil.marketId, 'session.fail')).length;
    for (let times = 0; times < 500; times++) portals.partner.deps.denials.signInFailed(failed);
    await settled();
    assert.equal((await trail(basil.marketId, 'session.fail')).length, 30);
    assert.ok(before > 0);
  });

  it('has who was refused, by the route’s pattern', async () => {
    const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
    await analyst.get('/audit');
    const answer = await analyst.submit(`/branches/${amber.branch}/closing`, {});
    assert.equal(answer.status, 403);
    await settled();
    const [entry] = await trail(amber.marketId, 'access.deny');
    assert.equal(entry?.details.method, 'POST');
    assert.ok(!JSON.stringify(entry?.details).includes(amber.branch));
  });

  it('is searched by action, actor, receipt and time', async () => {
    const found = async (query: string) => {
      const page = await manager.get(`/audit?${query}`);
      assert.equal(page.status, 200);
      return page.text;
    };
    assert.match(await found('action=branch.update'), /Branch changed/);
    assert.doesNotMatch(await found('action=branch.close'), /Branch changed/);
    assert.match(await found(`action=branch.&actor=${amber.manager}`), /Branch changed/);
    assert.doesNotMatch(await found(`action=branch.&actor=${amber.owner}`), /Branch changed/);
    assert.doesNotMatch(await found('action=branch.update&to=2020-01-01'), /Branch changed/);
    assert.match(await found('action=branch.update&from=2020-01-01'), /Branch changed/);
    const [entry] = await trail(amber.marketId, 'branch.update');
    const { receipt } = entry as unknown as { receipt: string };
    assert.match(await found(`receipt=${receipt}`), /Branch changed/);
    const bad = await portals.partner
      .browser()
      .api('get', '/audit?actor=nobody', { token: await portals.token(partnerLogin('amber')) });
    assert.deepEqual([bad.status, bad.body.errors[0].field], [422, 'actor']);
  });

  it('is taken away as a file that no spreadsheet runs, and of one’s own market alone', async () => {
    await tamper(
      `insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type)
       values ('${amber.marketId}', gen_random_uuid(), 'partner', 'partner', '${amber.owner}', '=HYPERLINK("x")', 'offer.edit', 'offer')`,
    );
    const csv = await manager.get('/audit/file?format=csv');
    assert.match(csv.get('content-type') ?? '', /text\/csv/);
    assert.match(csv.text, /'=HYPERLINK/);
    const lines = (await manager.get('/audit/file?format=jsonl&action=branch.update')).text
      .trim()
      .split('\n');
    const line = JSON.parse(lines[0]!);
    assert.equal(line.marketId, amber.marketId);
    assert.equal(line.changes.nameEn.after, 'Corner shop');
    assert.match(line.hash, /^[0-9a-f]{64}$/);
    assert.ok(!csv.text.includes(basil.marker) && !csv.text.includes(basil.marketId));
    const all = await support.get(`/audit/file?format=jsonl&market=${basil.marketId}`);
    for (const each of all.text.trim().split('\n')) assert.equal(JSON.parse(each).marketId, basil.marketId);
    assert.equal((await trail(amber.marketId, 'audit.download')).length, 2);
    const platform = await support.get('/audit/platform/file?format=jsonl&action=audit.verify');
    assert.equal(JSON.parse(platform.text.split('\n')[0]!).action, 'audit.verify');
  });

  /** What is written behind the answer is written. */
  const settled = () => pause(300);
});
