import assert from 'node:assert/strict';
import {
  type Browser,
  PASSWORD,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../support/http.ts';
import { amber } from '../support/two-markets.ts';

describe('refreshing', () => {
  let portals: TestPortals;
  let ahead = 0;
  before(async () => {
    portals = await startPortals({ clock: () => new Date(Date.now() + ahead) });
  });
  beforeEach(() => {
    ahead = 0;
  });
  after(() => portals.close());

  const login = partnerLogin('amber', 'owner');
  const name = (what: string) => `__Host-bulkhead-partner-${what}`;
  /** What a browser has once the access cookie's ten minutes are over. */
  const later = (browser: Browser) => {
    browser.cookies.delete(name('access'));
    return browser;
  };
  const reuses = () =>
    portals.sql("select * from audit_entry where market_id = $1 and action = 'session.refresh-reuse'", [
      amber.marketId,
    ]);

  it('pages go on: both cookies are replaced on the way', async () => {
    const browser = later(await portals.signIn(login));
    const before = browser.cookies.get(name('refresh'));
    assert.equal((await browser.get('/profile')).status, 200);
    assert.ok(browser.cookies.get(name('access')));
    assert.notEqual(browser.cookies.get(name('refresh')), before);
  });

  it('staff sessions do the same', async () => {
    const browser = await portals.signIn(staffLogin());
    browser.cookies.delete('__Host-bulkhead-admin-access');
    assert.equal((await browser.get('/profile')).status, 200);
    assert.ok(browser.cookies.get('__Host-bulkhead-admin-access'));
  });

  it('a form sent after the access cookie ran out is not lost', async () => {
    const browser = await portals.signIn(login);
    await browser.get('/profile');
    assert.equal((await later(browser).submit('/sign-out')).get('Location'), '/sign-in');
  });

  it('ten requests at once with one refresh cookie all go on, with equal successors', async () => {
    const browser = later(await portals.signIn(login));
    const tabs = Array.from({ length: 10 }, () => browser.copy());
    const answers = await Promise.all(tabs.map((tab) => tab.get('/profile')));
    assert.deepEqual(
      answers.map((answer) => answer.status),
      Array(10).fill(200),
    );
    assert.equal(new Set(tabs.map((tab) => tab.cookies.get(name('refresh')))).size, 1);
    assert.equal((await later(tabs[3]!).get('/profile')).status, 200);
    assert.equal((await reuses()).length, 0);
  });

  it('an older token ends the session for everybody who holds it, and leaves an audit entry', async () => {
    const browser = later(await portals.signIn(login));
    const thief = browser.copy();
    await browser.get('/profile');
    ahead = 11_000;
    assert.equal((await thief.get('/profile')).status, 303);
    assert.equal((await browser.get('/profile')).status, 303);
    assert.equal((await later(browser).get('/profile')).status, 303);
    assert.equal((await reuses()).length, 1);
  });

  it('a token two rotations old ends it at once', async () => {
    const browser = later(await portals.signIn(login));
    const thief = browser.copy();
    await browser.get('/profile');
    await later(browser).get('/profile');
    assert.equal((await thief.get('/profile')).status, 303);
    assert.equal((await browser.get('/profile')).status, 303);
  });

  it('API: works once, and using it again ends the session at once', async () => {
    const browser = portals.partner.browser();
    const first = (await browser.api('post', '/tokens', { body: { email: login.email, password: PASSWORD } }))
      .body;
    const renew = (refreshToken: string) =>
      browser.api('post', '/tokens/refresh', { body: { refreshToken } });
    const second = await renew(first.refreshToken);
    assert.equal(second.status, 200);
    assert.equal((await browser.api('get', '/sessions', { token: second.body.accessToken })).status, 200);
    assert.equal((await renew(first.refreshToken)).status, 401);
    assert.equal((await renew(second.body.refreshToken)).status, 401);
    assert.equal((await browser.api('get', '/sessions', { token: second.body.accessToken })).status, 401);
  });

  it('API: an access token is no refresh token, nor the reverse', async () => {
    const browser = portals.partner.browser();
    const { accessToken, refreshToken } = (
      await browser.api('post', '/tokens', { body: { email: login.email, password: PASSWORD } })
    ).body;
    assert.equal(
      (await browser.api('post', '/tokens/refresh', { body: { refreshToken: accessToken } })).status,
      401,
    );
    assert.equal((await browser.api('get', '/sessions', { token: refreshToken })).status, 401);
  });

  it('a revoked or outdated session is not refreshed', async () => {
    for (const change of [
      'revoked_at = now()',
      "expires_at = now() - interval '1 second'",
      "created_at = now() - interval '91 days'",
    ]) {
      const browser = later(await portals.signIn(login));
      await portals.sql(`update partner_session set ${change} where market_id = $1 and revoked_at is null`, [
        amber.marketId,
      ]);
      assert.equal((await browser.get('/profile')).status, 303, change);
    }
  });
});
