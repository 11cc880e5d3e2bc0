import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSupportGate } from '../../../server/support/sessions/support-gate.ts';
import { partnerLogin, staffLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { mailTo } from '../../support/mail.ts';
import {
  contents,
  follow,
  linkOf,
  openSession,
  requestSession,
  runOut,
  SUPPORT_COOKIE,
  setConsent,
} from '../../support/support-sessions.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('support sessions', function () {
  this.timeout(60_000);
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  beforeEach(async () => {
    await setConsent(portals, 'always');
    await portals.sql(
      `update support_session set ended_at = now(), end_reason = 'ended' where ended_at is null`,
    );
  });
  after(() => portals?.close());

  const trail = async (id: string) =>
    (
      await portals.sql<{ entry: string }>(
        `select surface || ' ' || actor_kind || ' ' || action as entry from audit_entry
         where subject_id = $1 order by at, id`,
        [id],
      )
    ).map(({ entry }) => entry);
  const rowOf = async (id: string) =>
    (await portals.sql<Record<string, unknown>>('select * from support_session where id = $1', [id]))[0]!;
  const owner = () => portals.signIn(partnerLogin('amber', 'owner'));

  it('shows the market as it is, framed and named, and only that market', async () => {
    const { agent, id } = await openSession(portals);
    const { status, text } = await agent.get('/offers');
    assert.equal(status, 200);
    assert.ok(text.includes('marker-amber') && !text.includes('marker-basil'));
    assert.match(text, /Offers are missing on the shop page/);
    assert.match(text, /30 min left|29 min left/);
    assert.equal((await agent.get(`/offers/${basil.offer}`)).status, 404);
    assert.equal((await agent.get(`/access-log/${basil.supportSession}`)).status, 404);
    assert.match((await agent.get(`/access-log/${id}`)).text, /CASE-4711/);
    assert.deepEqual(await trail(id), [
      'admin staff support-session.request',
      'admin staff support-session.link',
      'partner support support-session.open',
    ]);
  });

  it('tells the market by mail that somebody has begun to look, and why', async () => {
    const since = Date.now();
    const { id } = await openSession(portals);
    const mail = await mailTo(portals.mailboxDir, 'marker-amber.main@example.test', since);
    assert.ok(mail.text.includes(`/access-log/${id}`) && mail.text.includes('CASE-4711'), mail.text);
  });

  it('keeps of the way in a digest, uses it once, and not after its end', async () => {
    const staff = await portals.signIn(staffLogin('support'));
    const id = await requestSession(staff);
    const link = await linkOf(staff, id);
    const code = new URL(link, 'http://x').searchParams.get('code')!;
    assert.ok(!JSON.stringify(await rowOf(id)).includes(code));
    const [first, second] = await Promise.all(
      [portals.partner.browser(), portals.partner.browser()].map((browser) => follow(browser, link)),
    );
    assert.deepEqual([first!.status, second!.status].sort(), [303, 404]);
    assert.equal((await follow(portals.partner.browser(), link)).status, 404);
    await staff.get(`/support-sessions/${id}`);
    assert.equal((await staff.submit(`/support-sessions/${id}/link`)).status, 409);

    const late = await requestSession(staff);
    const lateLink = await linkOf(staff, late);
    await portals.sql(`update support_session set code_ends_at = now() - interval '1 second' where id = $1`, [
      late,
    ]);
    assert.equal((await follow(portals.partner.browser(), lateLink)).status, 404);
    for (const code of ['', 'x'.repeat(65), randomBytes(32).toString('base64url'), '%00'])
      assert.equal(
        (await portals.partner.browser().get(`/support-session/entry?code=${code}`)).status >= 400,
        true,
      );
  });

  it('a newer link replaces the one before', async () => {
    const staff = await portals.signIn(staffLogin('support'));
    const id = await requestSession(staff);
    const old = await linkOf(staff, id);
    const link = await linkOf(staff, id);
    assert.equal((await follow(portals.partner.browser(), old)).status, 404);
    assert.equal((await follow(portals.partner.browser(), link)).status, 303);
  });

  it('is entered by whoever asked for it alone, and ended by them or by an operator', async () => {
    const staff = await portals.signIn(staffLogin('support'));
    const operator = await portals.signIn(staffLogin('operator'));
    const id = await requestSession(staff);
    await operator.get(`/support-sessions/${id}`);
    assert.equal((await operator.submit(`/support-sessions/${id}/link`)).status, 403);
    const theirs = await requestSession(operator);
    await staff.get(`/support-sessions/${theirs}`);
    assert.equal((await staff.submit(`/support-sessions/${theirs}/end`)).status, 403);
    await operator.get(`/support-sessions/${id}`);
    assert.equal((await operator.submit(`/support-sessions/${id}/end`)).status, 303);
    assert.equal((await rowOf(id)).end_reason, 'ended');
  });

  it('asks the market where it wants to be asked: by mail, before anything is seen', async () => {
    await setConsent(portals, 'ask');
    const staff = await portals.signIn(staffLogin('support'));
    const since = Date.now();
    const id = await requestSession(staff);
    const mail = await mailTo(portals.mailboxDir, 'marker-amber.main@example.test', since);
    assert.ok(mail.text.includes(`/access-log/${id}`), mail.text);
    await staff.get(`/support-sessions/${id}`);
    assert.equal((await staff.submit(`/support-sessions/${id}/link`)).status, 409);

    const manager = await portals.signIn(partnerLogin('amber', 'manager'));
    assert.match((await manager.get('/')).text, /Support asks to look at your market/);
    await manager.get(`/access-log/${id}`);
    assert.equal((await manager.submit(`/access-log/${id}/consent`, { consent: 'maybe' })).status, 422);
    assert.equal((await manager.submit(`/access-log/${id}/consent`, { consent: 'granted' })).status, 303);
    assert.equal((await manager.submit(`/access-log/${id}/consent`, { consent: 'refused' })).status, 409);
    const agent = portals.partner.browser();
    assert.equal((await follow(agent, await linkOf(staff, id))).status, 303);
    assert.match((await manager.get('/')).text, /Support is looking at your market now/);
    assert.deepEqual(await trail(id), [
      'admin staff support-session.request',
      'partner partner support-session.allow',
      'admin staff support-session.link',
      'partner support support-session.open',
    ]);
  });

  it('ends at a refusal, which nobody can take back', async () => {
    await setConsent(portals, 'ask');
    const staff = await portals.signIn(staffLogin('support'));
    const id = await requestSession(staff);
    const manager = await owner();
    await manager.get(`/access-log/${id}`);
    assert.equal((await manager.submit(`/access-log/${id}/consent`, { consent: 'refused' })).status, 303);
    await staff.get(`/support-sessions/${id}`);
    assert.equal((await staff.submit(`/support-sessions/${id}/link`)).status, 409);
    assert.equal((await manager.submit(`/access-log/${id}/consent`, { consent: 'granted' })).status, 409);
    assert.equal((await rowOf(id)).end_reason, 'refused');
    assert.ok((await trail(id)).includes('partner partner support-session.refuse'));
  });

  it('is not to be had where the market allows none, and each that runs ends when it says so', async () => {
    const { agent, id } = await openSession(portals);
    const someone = await owner();
    await someone.get('/market');
    const names = { nameEn: 'marker-amber market', nameAr: 'marker-amber market', locale: 'en' };
    assert.equal((await someone.submit('/market', { ...names, supportConsent: 'never' })).status, 303);
    assert.equal((await agent.get('/offers')).status, 403);
    assert.equal((await rowOf(id)).end_reason, 'stopped');
    assert.ok((await trail(id)).includes('partner partner support-session.stop'));
    const staff = await portals.signIn(staffLogin('support'));
    await setConsent(portals, 'always');
    await staff.get(`/markets/${amber.marketId}/support-sessions/new`);
    await setConsent(portals, 'never');
    const fields = { marketId: amber.marketId, reason: 'Why', ticket: 'T', minutes: '5' };
    const refused = await staff.submit('/support-sessions', fields);
    assert.equal(refused.status, 409);
    assert.match(refused.text, /allows no looks/);
  });

  it('says which field is wrong, and keeps to 5 to 60 minutes', async () => {
    const staff = await portals.signIn(staffLogin('support'));
    const good = { marketId: amber.marketId, reason: 'Because', ticket: 'T-1', minutes: '5' };
    const bad: Record<string, string>[] = [
      { minutes: '4' },
      { minutes: '61' },
      { minutes: 'x' },
      { reason: '' },
      { reason: 'r'.repeat(501) },
      { ticket: '' },
      { ticket: 't'.repeat(81) },
    ];
    for (const fields of bad) {
      await staff.get(`/markets/${amber.marketId}/support-sessions/new`);
      const answer = await staff.submit('/support-sessions', { ...good, ...fields });
      assert.equal(answer.status, 422, JSON.stringify(fields));
      assert.match(answer.text, new RegExp(`#f-${Object.keys(fields)[0]}`));
    }
    for (const marketId of ['', 'x', amber.offer])
      assert.equal((await staff.submit('/support-sessions', { ...good, marketId })).status, 404, marketId);
    assert.equal((await staff.get('/support-sessions/x')).status, 404);
  });

  it('is stopped by the market at once', async () => {
    const { agent, id } = await openSession(portals);
    assert.equal((await agent.get('/team')).status, 200);
    const someone = await owner();
    await someone.get(`/access-log/${id}`);
    assert.equal((await someone.submit(`/access-log/${id}/stop`)).status, 303);
    const after = await agent.get('/team');
    assert.equal(after.status, 403);
    assert.match(after.text, /The market has stopped it/);
    assert.ok(!after.text.includes('marker-amber') && !agent.cookies.has(SUPPORT_COOKIE));
    assert.equal((await someone.submit(`/access-log/${id}/stop`)).status, 409);
    assert.equal((await trail(id)).at(-1), 'partner partner support-session.stop');
  });

  it('ends from within, by its one button', async () => {
    const { agent, id } = await openSession(portals);
    await agent.get('/offers');
    const ended = await agent.submit('/support-session/end');
    assert.equal(ended.status, 200);
    assert.match(ended.text, /The support session has ended/);
    assert.ok(!agent.cookies.has(SUPPORT_COOKIE));
    assert.equal((await agent.get('/offers')).status, 303);
    assert.equal((await trail(id)).at(-1), 'partner support support-session.end');
  });

  it('takes no end from another site', async () => {
    const { agent, id } = await openSession(portals);
    await agent.get('/offers');
    const answer = await agent.submit('/support-session/end', {}, { 'Sec-Fetch-Site': 'cross-site' });
    assert.equal(answer.status, 403);
    assert.equal((await rowOf(id)).ended_at, null);
  });

  it('runs out by itself, and the trail says so', async () => {
    const { agent, id } = await openSession(portals);
    await runOut(portals, id);
    assert.equal((await agent.get('/offers')).status, 403);
    const gate = createSupportGate(portals.partner.deps.gate);
    assert.ok((await gate.expire()) >= 1);
    assert.equal(await gate.expire(), 0);
    assert.equal((await rowOf(id)).end_reason, 'expired');
    assert.equal((await trail(id)).at(-1), 'partner support support-session.expire');
  });

  it('lapses when nobody begins it within a day', async () => {
    const staff = await portals.signIn(staffLogin('support'));
    const id = await requestSession(staff);
    await portals.sql(`update support_session set requested_at = now() - interval '25 hours' where id = $1`, [
      id,
    ]);
    await createSupportGate(portals.partner.deps.gate).expire();
    assert.equal((await rowOf(id)).end_reason, 'lapsed');
    assert.equal((await trail(id)).at(-1), 'partner support support-session.lapse');
  });

  it('opens no other session: not by a link, not by a sign-in, not from the admin portal’s pages', async () => {
    const { agent, staff } = await openSession(portals);
    const other = await requestSession(staff, basil);
    const link = await linkOf(staff, other);
    await agent.get('/offers');
    const before = await contents(portals);
    assert.equal((await agent.get(link)).status, 403);
    const code = new URL(link, 'http://x').searchParams.get('code')!;
    assert.equal((await agent.submit('/support-session/entry', { code })).status, 403);
    const { email, password } = partnerLogin('basil', 'owner');
    assert.equal((await agent.submit('/sign-in', { email, password })).status, 403);
    assert.equal((await agent.get('/support-sessions')).status, 403);
    assert.deepEqual(await contents(portals), before);
    const admin = portals.admin.browser();
    for (const [name, value] of agent.cookies) admin.cookies.set(name, value);
    assert.equal((await admin.get('/support-sessions')).status, 303);
  });

  it('counts for more than a sign-in of the same browser, which is there again afterwards', async () => {
    const staff = await portals.signIn(staffLogin('support'));
    const browser = await portals.signIn(partnerLogin('basil', 'owner'));
    const id = await requestSession(staff);
    await follow(browser, await linkOf(staff, id));
    const { text } = await browser.get('/offers');
    assert.ok(text.includes('marker-amber') && !text.includes('marker-basil'));
    await browser.submit('/support-session/end');
    assert.ok((await browser.get('/offers')).text.includes('marker-basil'));
  });

  it('is nothing that another market sees, stops or allows', async () => {
    await setConsent(portals, 'ask');
    const staff = await portals.signIn(staffLogin('support'));
    const asked = await requestSession(staff);
    await setConsent(portals, 'always');
    const { id } = await openSession(portals);
    const theirs = await portals.signIn(partnerLogin('basil', 'owner'));
    assert.ok(!(await theirs.get('/access-log')).text.includes(id));
    const before = await contents(portals);
    for (const each of [id, asked]) {
      assert.equal((await theirs.get(`/access-log/${each}`)).status, 404);
      assert.equal((await theirs.submit(`/access-log/${each}/stop`)).status, 404);
      assert.equal((await theirs.submit(`/access-log/${each}/consent`, { consent: 'granted' })).status, 404);
    }
    assert.deepEqual(await contents(portals), before);
  });

  it('is answered and stopped by owners and managers, and read by the whole team, which learns no name', async () => {
    const { id } = await openSession(portals);
    const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
    const page = await analyst.get(`/access-log/${id}`);
    assert.match(page.text, /Support, read only/);
    assert.ok(!page.text.includes('marker-shared'), 'a name of staff');
    assert.equal((await analyst.submit(`/access-log/${id}/stop`)).status, 403);
    assert.ok(!/access-log\/[^"]+\/stop/.test(page.text));
    const token = await portals.token(partnerLogin('amber', 'analyst'));
    const listed = await portals.partner.browser().api('get', `/access-log/${id}`, { token });
    assert.equal(listed.body.state, 'open');
    assert.equal(
      (await portals.partner.browser().api('post', `/access-log/${id}/stop`, { token })).status,
      403,
    );
  });

  it('is over with the member of staff who opened it', async () => {
    const { agent } = await openSession(portals);
    await portals.sql(`update staff_user set state = 'disabled' where role = 'support' and state = 'active'`);
    try {
      assert.equal((await agent.get('/offers')).status, 403);
    } finally {
      await portals.sql(
        `update staff_user set state = 'active' where role = 'support' and state = 'disabled'`,
      );
    }
  });

  it('takes no token but its own: forged, of another kind, of another row', async () => {
    const { agent, id } = await openSession(portals);
    const { tokens } = portals.partner.deps;
    const issued = { issuedAt: new Date(), seconds: 600 };
    const claims = { sub: id, mkt: amber.marketId };
    const good = agent.cookies.get(SUPPORT_COOKIE)!;
    const swapped = `${good.slice(0, -4)}${good.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    const bad = [
      swapped,
      await tokens.sign('access', { ...claims, sid: id }, issued),
      await tokens.sign('support', { ...claims, mkt: basil.marketId }, issued),
      await tokens.sign('support', { ...claims, sub: amber.askedSupportSession }, issued),
      await tokens.sign('support', { ...claims, sub: amber.endedSupportSession }, issued),
      await tokens.sign('support', claims, { issuedAt: new Date(Date.now() - 700_000), seconds: 600 }),
      await portals.admin.deps.tokens.sign('support', claims, issued),
    ];
    for (const token of bad) {
      const thief = portals.partner.browser();
      thief.cookies.set(SUPPORT_COOKIE, token);
      const answer = await thief.get('/offers');
      assert.equal(answer.status, 403);
      assert.ok(!answer.text.includes('marker-'));
    }
  });
});
