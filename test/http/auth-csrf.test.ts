import assert from 'node:assert/strict';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../support/http.ts';

describe('requests from other sites', () => {
  let portals: TestPortals;
  let browser: Browser;
  before(async () => {
    portals = await startPortals();
  });
  beforeEach(async () => {
    browser = await portals.signIn(partnerLogin('amber', 'owner'));
    await browser.get('/profile');
  });
  after(() => portals.close());

  /** A request with the victim's cookies and, where said, its token. Reaching the form's own checks is a 422. */
  const post = (headers: Record<string, string>, token: string | null) =>
    browser
      .raw('post', '/profile/password')
      .type('form')
      .set({ Accept: 'text/html', ...headers })
      .send(token === null ? 'a=1' : `_csrf=${token}`);

  const cases: [string, Record<string, string>, number][] = [
    ['same-origin', { 'Sec-Fetch-Site': 'same-origin' }, 422],
    ['none', { 'Sec-Fetch-Site': 'none' }, 422],
    ['same-site', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['cross-site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['cross-site with our Origin', { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://localhost:3001' }, 403],
    ['nonsense', { 'Sec-Fetch-Site': 'x' }, 403],
    ['another Origin', { Origin: 'https://evil.example' }, 403],
    ['Origin null', { Origin: 'null' }, 403],
    ['our public Origin', { Origin: 'http://localhost:3001' }, 422],
    ['the Origin of the other portal', { Origin: 'http://localhost:3000' }, 403],
    ['neither header', {}, 422],
  ];
  for (const [name, headers, status] of cases) {
    it(`with the right token, ${name}: ${status}`, async () => {
      assert.equal((await post(headers, browser.csrf)).status, status);
    });
    it(`without a token, ${name}: 403`, async () => {
      assert.equal((await post(headers, null)).status, 403);
    });
  }

  it('a token of another session is refused, even with its own cookie', async () => {
    const other = await portals.signIn(partnerLogin('basil', 'owner'));
    await other.get('/profile');
    browser.cookies.set('__Host-bulkhead-partner-csrf', other.cookies.get('__Host-bulkhead-partner-csrf')!);
    assert.equal((await post({}, other.csrf)).status, 403);
  });

  it('a token made before sign-in is refused after it', async () => {
    const stranger = portals.partner.browser();
    await stranger.get('/sign-in');
    browser.cookies.set(
      '__Host-bulkhead-partner-csrf',
      stranger.cookies.get('__Host-bulkhead-partner-csrf')!,
    );
    assert.equal((await post({}, stranger.csrf)).status, 403);
  });

  it('a made-up token with a made-up cookie is refused', async () => {
    browser.cookies.set('__Host-bulkhead-partner-csrf', `${'a'.repeat(64)}.${'b'.repeat(64)}`);
    assert.equal((await post({}, `${'a'.repeat(64)}.${'b'.repeat(64)}`)).status, 403);
  });

  it('sign-in itself can’t be forged', async () => {
    const stranger = portals.partner.browser();
    const sent = stranger.raw('post', '/sign-in').type('form').send('email=a@b.test&password=x');
    assert.equal((await sent).status, 403);
  });

  it('a token from htmx’s header counts; one in the address only for an upload', async () => {
    const csrf = browser.csrf;
    assert.equal((await post({ 'X-CSRF-Token': csrf }, null)).status, 422);
    const inAddress = browser
      .raw('post', `/profile/password?_csrf=${csrf}`)
      .type('form')
      .set('Accept', 'text/html');
    assert.equal((await inAddress.send('a=1')).status, 403);
    const upload = (address: string) =>
      browser.raw('post', address).set('Accept', 'text/html').field('a', '1');
    assert.equal((await upload('/profile/password')).status, 403);
    assert.equal((await upload(`/profile/password?_csrf=${csrf}`)).status, 422);
  });

  it('nothing was changed by any of them', async () => {
    await assert.doesNotReject(portals.signIn(partnerLogin('amber', 'owner')));
  });
});
