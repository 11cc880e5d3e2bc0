import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { staffInvitationLink } from '../../server/auth/invitation.staff.routes.ts';
import {
  PASSWORD,
  partnerLogin,
  signIn,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../support/http.ts';
import { linkIn, mailTo } from '../support/mail.ts';
import { amber, basil, fixtureId } from '../support/two-markets.ts';

const NEW = 'another horse, other battery';

describe('passwords and invitations', () => {
  let portals: TestPortals;
  beforeEach(async () => {
    portals = await startPortals();
  });
  afterEach(() => portals.close());

  const submitAt = async (portal: 'admin' | 'partner', path: string, fields: Record<string, string>) => {
    const browser = portals[portal].browser();
    // For its token: a link that is over shows no form.
    await browser.get('/sign-in');
    const page = await browser.get(path);
    return { browser, page, answer: await browser.submit(path, fields) };
  };

  for (const login of [partnerLogin('amber', 'owner'), staffLogin('operator')]) {
    it(`${login.portal}: a forgotten password is reset by the mailed link, once, and ends all sessions`, async () => {
      const before = await portals.signIn(login);
      const { answer } = await submitAt(login.portal, '/password-reset', { email: login.email });
      assert.equal(answer.status, 200);
      const path = linkIn(await mailTo(portals.mailboxDir, login.email));
      assert.match(path, /^\/password-reset\/ey/);

      const short = await submitAt(login.portal, path, { password: 'too short' });
      assert.equal(short.answer.status, 422);
      assert.match(short.answer.text, /At least 12 characters/);
      const set = await submitAt(login.portal, path, { password: NEW });
      assert.equal(set.answer.get('Location'), '/sign-in');

      assert.equal((await before.get('/profile')).status, 303);
      assert.equal(
        (await submitAt(login.portal, path, { password: 'yet another password' })).answer.status,
        410,
      );
      await assert.rejects(signIn(portals[login.portal].browser(), login));
      await signIn(portals[login.portal].browser(), { ...login, password: NEW });
    });
  }

  it('says the same whether or not there is such an account, and mails only one of them', async () => {
    const known = await submitAt('partner', '/password-reset', { email: partnerLogin('amber').email });
    const unknown = await submitAt('partner', '/password-reset', { email: 'nobody@example.test' });
    const essence = (text: string) => text.replace(/nonce="[^"]+"/g, '').replace(/[0-9a-f.]{60,}/g, '');
    assert.equal(essence(known.answer.text), essence(unknown.answer.text));
    await mailTo(portals.mailboxDir, partnerLogin('amber').email);
    await assert.rejects(mailTo(portals.mailboxDir, 'nobody@example.test'));
  });

  it('a reset link of one portal is nothing at the other; nor is an access token a reset link', async () => {
    await submitAt('admin', '/password-reset', { email: staffLogin().email });
    const path = linkIn(await mailTo(portals.mailboxDir, staffLogin().email));
    assert.equal((await portals.partner.browser().get(path)).status, 410);
    const token = await portals.token(staffLogin());
    assert.equal((await portals.admin.browser().get(`/password-reset/${token}`)).status, 410);
  });

  it('changing the password needs the current one, keeps this session and ends the others', async () => {
    const login = partnerLogin('basil', 'owner');
    const [here, there] = [await portals.signIn(login), await portals.signIn(login)];
    await here.get('/profile');
    const wrong = await here.submit('/profile/password', {
      currentPassword: 'not this one',
      newPassword: NEW,
    });
    assert.equal(wrong.status, 422);
    assert.ok(!wrong.text.includes(NEW), 'passwords are not sent back');
    assert.equal(
      (await here.submit('/profile/password', { currentPassword: PASSWORD, newPassword: NEW })).status,
      303,
    );
    assert.equal((await here.get('/profile')).status, 200);
    assert.equal((await there.get('/profile')).status, 303);
    assert.match((await mailTo(portals.mailboxDir, login.email)).subject, /password was changed/);
  });

  it('the same password typed in another Unicode form is the same', async () => {
    const login = partnerLogin('amber', 'owner');
    await submitAt('partner', '/password-reset', { email: login.email });
    await submitAt('partner', linkIn(await mailTo(portals.mailboxDir, login.email)), {
      password: 'caf\u00e9 au lait à Paris',
    });
    await signIn(portals.partner.browser(), { ...login, password: 'cafe\u0301 au lait à Paris' });
  });

  const invite = async (email: string, memberId = fixtureId('team_member', 'amber', 'spare')) => {
    const secret = randomBytes(32).toString('base64url');
    await portals.sql(
      `update team_member set email = $3, invitation_digest = $4, invitation_ends_at = now() + interval '1 day'
        where market_id = $1 and id = $2`,
      [amber.marketId, memberId, email, createHash('sha256').update(secret).digest('hex')],
    );
    return `/invitations/${secret}`;
  };

  it('a new person accepts an invitation with a new password, once', async () => {
    const path = await invite('new.person@example.test');
    const weak = await submitAt('partner', path, { password: 'short' });
    assert.equal(weak.page.status, 200);
    assert.equal(weak.answer.status, 422);
    const { browser, answer } = await submitAt('partner', path, { password: NEW });
    assert.equal(answer.status, 303);
    const [joined] = await portals.sql(
      `select actor_id, changes, receipt from audit_entry where action = 'member.join' order by at desc limit 1`,
    );
    assert.deepEqual(joined, {
      actor_id: fixtureId('team_member', 'amber', 'spare'),
      changes: { state: { before: 'invited', after: 'active' } },
      receipt: answer.get('x-request-id'),
    });
    assert.ok((await browser.get('/profile')).text.includes('new.person@example.test'));
    assert.equal((await submitAt('partner', path, { password: NEW })).answer.status, 410);
    await signIn(portals.partner.browser(), { email: 'new.person@example.test', password: NEW });
  });

  it('two who open the link at once: one account, one membership', async () => {
    const path = await invite('new.person@example.test');
    const windows = await Promise.all(
      [1, 2, 3].map(async () => {
        const browser = portals.partner.browser();
        await browser.get(path);
        return browser;
      }),
    );
    const answers = await Promise.all(windows.map((browser) => browser.submit(path, { password: NEW })));
    assert.deepEqual(
      answers.map((answer) => answer.status).filter((status) => status === 303),
      [303],
    );
    assert.ok(
      answers.every((answer) => answer.status < 500),
      answers.map((answer) => answer.status).join(),
    );
    assert.equal(
      (await portals.sql("select 1 from partner_user where email = 'new.person@example.test'")).length,
      1,
    );
  });

  it('somebody with an account confirms its password, and is then in both markets', async () => {
    const { email } = partnerLogin('basil', 'owner');
    const path = await invite(email);
    const wrong = await submitAt('partner', path, { password: NEW });
    assert.equal(wrong.answer.status, 422);
    const { answer } = await submitAt('partner', path, { password: PASSWORD });
    assert.equal(answer.status, 303);
    const markets = await portals.sql<{ market_id: string }>(
      'select market_id from team_member where user_id = $1',
      [basil.person],
    );
    assert.deepEqual(markets.map((row) => row.market_id).sort(), [amber.marketId, basil.marketId].sort());
  });

  it('an invitation that is over, withdrawn or made up opens nothing', async () => {
    const path = await invite('new.person@example.test');
    assert.equal((await portals.partner.browser().get('/invitations/nonsense')).status, 410);
    assert.equal((await portals.admin.browser().get(path)).status, 410);
    await portals.sql(
      "update team_member set invitation_ends_at = now() - interval '1 second' where email = 'new.person@example.test'",
    );
    assert.equal((await submitAt('partner', path, { password: NEW })).answer.status, 410);
  });

  it('staff: an invitation works once', async () => {
    const id = fixtureId('staff_user', 'shared', 'spare');
    await portals.sql('delete from staff_credential where staff_user_id = $1', [id]);
    const path = new URL(await staffInvitationLink(portals.admin.deps, id)).pathname;
    assert.equal((await portals.partner.browser().get(path)).status, 410);
    const { browser, answer } = await submitAt('admin', path, { password: NEW });
    assert.equal(answer.status, 303);
    assert.equal((await browser.get('/profile')).status, 200);
    assert.equal((await submitAt('admin', path, { password: NEW })).answer.status, 410);
  });

  it('staff who are only invited, or disabled, can’t sign in', async () => {
    const login = staffLogin('support');
    for (const state of ['invited', 'disabled']) {
      await portals.sql('update staff_user set state = $2 where email = $1', [login.email, state]);
      await assert.rejects(signIn(portals.admin.browser(), login), /422/);
    }
  });
});
