import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import type { PortalName } from '../../server/config.ts';
import { type Claims, forge, forgeries } from '../support/forge.ts';
import {
  type Login,
  PASSWORD,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../support/http.ts';
import { amber, basil } from '../support/two-markets.ts';

const CASES: [PortalName, Login][] = [
  ['partner', partnerLogin('amber', 'owner')],
  ['admin', staffLogin('operator')],
];

describe('tokens', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  const keys = (portal: PortalName) => portals.database.tokenKeys[portal][0]!;
  const claimsOf = async (login: Login): Promise<Claims> => {
    const { sub, sid, mkt } = decodeJwt(await portals.token(login)) as unknown as Claims;
    return { sub, sid, ...(mkt ? { mkt } : {}) };
  };
  const asBearer = (portal: PortalName, token: string) =>
    portals[portal].browser().api('get', '/sessions', { token });
  const asCookie = (portal: PortalName, token: string, name: 'access' | 'refresh' = 'access') => {
    const browser = portals[portal].browser();
    browser.cookies.set(`__Host-bulkhead-${portal}-${name}`, token);
    return browser.get('/profile');
  };

  for (const [portal, login] of CASES) {
    it(`${portal}: forgeries are refused as Bearer and as cookie, the same token unchanged is not`, async () => {
      const other = portal === 'admin' ? 'partner' : 'admin';
      const claims = await claimsOf(login);
      assert.equal((await asBearer(portal, await forge(portal, keys(portal), claims))).status, 200);
      assert.equal((await asCookie(portal, await forge(portal, keys(portal), claims))).status, 200);
      const wrong: string[] = [];
      for (const [name, token] of await forgeries(portal, keys(portal), keys(other), claims)) {
        const bearer = await asBearer(portal, token);
        const cookie = await asCookie(portal, token);
        // An expired cookie is no attack: it leads to sign-in.
        const isRefused =
          bearer.status === 401 && (cookie.status === 401 || (name === 'expired' && cookie.status === 303));
        if (!isRefused) wrong.push(`${name}: ${bearer.status}, ${cookie.status}`);
      }
      assert.deepEqual(wrong, []);
    });

    it(`${portal}: a token of the other portal is a 401, whatever name its cookie has`, async () => {
      const other = portal === 'admin' ? 'partner' : 'admin';
      const token = await portals.token(login);
      assert.equal((await asBearer(portal, token)).status, 200);
      assert.equal((await asBearer(other, token)).status, 401);
      assert.equal((await asCookie(other, token)).status, 401);
      assert.equal((await asCookie(other, token, 'refresh')).status, 401);
    });
  }

  it('a refused cookie is taken away, so that the next visit can sign in', async () => {
    const answer = await asCookie('partner', 'x');
    const lines = [answer.get('Set-Cookie') ?? []].flat();
    assert.ok(lines.some((line) => line.startsWith('__Host-bulkhead-partner-access=;')));
  });

  it('the market is the token’s: no path, query, body, header or other cookie changes it', async () => {
    const token = await portals.token(partnerLogin('amber'));
    const browser = portals.partner.browser();
    const headers = {
      'X-Market-Id': basil.marketId,
      'X-Bulkhead-Market': basil.marketId,
      Cookie: `market=${basil.marketId}`,
    };
    const answer = await browser.api('get', '/branches', { token, headers });
    assert.equal(answer.status, 200);
    assert.ok(answer.text.includes(amber.branch) && !answer.text.includes('marker-basil'));
    const asked = await browser.api('get', '/branches', { token, query: { marketId: basil.marketId } });
    assert.equal(asked.status, 422);
  });

  it('a token whose session row is in another market finds none', async () => {
    const claims = await claimsOf(partnerLogin('amber', 'owner'));
    const moved = await forge('partner', keys('partner'), { ...claims, mkt: basil.marketId });
    assert.equal((await asBearer('partner', moved)).status, 401);
    const without = await forge('partner', keys('partner'), { sub: claims.sub, sid: claims.sid });
    assert.equal((await asBearer('partner', without)).status, 401);
  });

  it('another member’s session can’t be used under one’s own name', async () => {
    const [own, foreign] = [
      await claimsOf(partnerLogin('amber', 'analyst')),
      await claimsOf(partnerLogin('amber', 'owner')),
    ];
    const mixed = await forge('partner', keys('partner'), { ...own, sid: foreign.sid });
    assert.equal((await asBearer('partner', mixed)).status, 401);
  });

  it('cookies mean nothing to the API, a Bearer token nothing to pages', async () => {
    const browser = await portals.signIn(partnerLogin('amber'));
    assert.equal((await browser.raw('get', '/api/v1/sessions')).status, 401);
    const token = await portals.token(partnerLogin('amber'));
    const page = await portals.partner.browser().get('/profile', { Authorization: `Bearer ${token}` });
    assert.equal(page.status, 303);
  });

  it('cookies are __Host-, HttpOnly, Secure, SameSite=Lax and per portal', async () => {
    const browser = portals.admin.browser();
    await browser.get('/sign-in');
    const answer = await browser.submit('/sign-in', { email: staffLogin().email, password: PASSWORD });
    const lines = [answer.get('Set-Cookie') ?? []].flat().filter((line) => /-(access|refresh)=ey/.test(line));
    assert.equal(lines.length, 2);
    for (const line of lines) {
      assert.match(line, /^__Host-bulkhead-admin-(access|refresh)=/);
      assert.match(line, /; Path=\//);
      assert.match(line, /; HttpOnly; Secure; SameSite=Lax$/);
      assert.doesNotMatch(line, /Domain/i);
    }
  });

  it('DELETE /sessions/current ends the token', async () => {
    const token = await portals.token(partnerLogin('basil'));
    const browser = portals.partner.browser();
    assert.equal((await browser.api('delete', '/sessions/current', { token })).status, 204);
    assert.equal((await browser.api('get', '/sessions', { token })).status, 401);
  });
});
