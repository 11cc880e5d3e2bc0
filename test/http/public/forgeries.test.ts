import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import request, { type Response } from 'supertest';
import { keyText } from '../../../server/public/publishable-key.ts';
import { type Claims, forge, forgeries } from '../../support/forge.ts';
import { partnerLogin, staffLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { insertShoppers, openAsk } from '../../support/shoppers.ts';
import { amber, basil, type MarketFixture } from '../../support/two-markets.ts';

const OWN_ROUTES = [
  ['get', '/me'],
  ['get', '/me/export'],
  ['get', '/claims'],
  ['get', '/market'],
  ['get', '/offers'],
  ['patch', '/me'],
  ['post', '/claims'],
  ['delete', '/sessions/current'],
  ['delete', '/me'],
] as const;

function issuerOf(token: string): string {
  try {
    return String(decodeJwt(token).iss);
  } catch {
    return '';
  }
}

describe('forgeries at the public surface', function () {
  this.timeout(120_000);
  let portals: TestPortals;
  let shopper: { id: string; token: string };
  let claims: Claims;

  before(async () => {
    portals = await startPortals({ limits: { failuresPerAddress: 1_000_000 } });
    [shopper] = (await insertShoppers(portals, amber, 1)) as [typeof shopper];
    claims = claimsOf(shopper.token);
  });
  after(() => portals?.close());

  const keys = (surface: 'admin' | 'partner' | 'public') => portals.database.tokenKeys[surface][0]!;
  const claimsOf = (token: string): Claims => {
    const { sub, sid, mkt } = decodeJwt(token) as unknown as Claims;
    return { sub, sid, ...(mkt ? { mkt } : {}) };
  };
  const ask = (token: string, market: MarketFixture = amber) => openAsk(portals.partner.url, market, token);
  const me = (token: string, market?: MarketFixture) => ask(token, market)('get', '/me');
  /** Problems differ in nothing but whose they are. */
  const told = ({ status, body }: Response) => {
    const { instance: _, ...problem } = body ?? {};
    return [status, problem];
  };

  describe('of a shopper’s token', () => {
    it('are refused with one answer; the same token unchanged is not', async () => {
      assert.equal((await me(await forge('public', keys('public'), claims))).status, 200);
      const refused = told(await me('x'));
      assert.deepEqual([refused[0], (refused[1] as { code: string }).code], [401, 'token-refused']);
      let tried = 0;
      for (const other of ['partner', 'admin'] as const) {
        for (const [name, token] of await forgeries('public', keys('public'), keys(other), claims, other)) {
          const answer = await me(token);
          // What names a portal as its issuer is refused before anybody asks what it is good for.
          if (issuerOf(token).match(/partner|admin/)) assert.equal(answer.body.code, 'secret-key', name);
          else assert.deepEqual(told(answer), refused, name);
          tried += 1;
        }
      }
      process.stdout.write(`        ${tried} forgeries of a shopper's token\n`);
      assert.ok(tried > 60);
    });

    it('open no route, not even one that takes no token', async () => {
      const forged = await forge('public', keys('public'), claims, { key: randomBytes(32) });
      for (const [method, path] of OWN_ROUTES) {
        const answer = await ask(forged)(method, path, ['patch', 'post'].includes(method) ? {} : undefined);
        assert.deepEqual([answer.status, answer.body.code], [401, 'token-refused'], `${method} ${path}`);
      }
      assert.equal((await me(shopper.token)).status, 200);
    });

    it('count for nothing with other claims under the right key: another market, shopper or session', async () => {
      const [second] = await insertShoppers(portals, amber, 1);
      const [theirs] = await insertShoppers(portals, basil, 1);
      const [other, foreign] = [claimsOf(second!.token), claimsOf(theirs!.token)];
      for (const odd of [
        { ...claims, mkt: basil.marketId },
        { ...claims, sub: other.sub },
        { ...claims, sid: other.sid },
        { ...claims, sub: foreign.sub },
        { ...claims, sid: foreign.sid },
        { ...foreign, mkt: amber.marketId },
        { ...claims, sub: amber.owner },
        { ...claims, sub: amber.key },
        { sub: claims.sub, sid: claims.sid },
      ]) {
        const token = await forge('public', keys('public'), odd);
        for (const market of [amber, basil]) {
          const answer = await me(token, market);
          assert.deepEqual([answer.status, answer.body.code], [401, 'token-refused'], JSON.stringify(odd));
        }
      }
    });

    it('are good at their own market alone', async () => {
      assert.equal((await me(shopper.token)).body.id, shopper.id);
      assert.deepEqual(told(await me(shopper.token, basil)), told(await me('x', basil)));
    });

    it('end with their session, their time and their shopper', async () => {
      const [ended, late, gone] = (await insertShoppers(portals, amber, 3)) as (typeof shopper)[];
      assert.equal((await ask(ended!.token)('delete', '/sessions/current')).status, 204);
      await portals.sql(
        `update shopper_session set expires_at = now() - interval '1 second' where shopper_id = $1`,
        [late!.id],
      );
      assert.equal((await ask(gone!.token)('delete', '/me')).status, 204);
      for (const { token } of [ended!, late!, gone!]) {
        assert.deepEqual(told(await me(token)), told(await me('x')));
      }
      assert.deepEqual(await portals.sql('select id from shopper where id = $1', [gone!.id]), []);
    });
  });

  describe('across surfaces', () => {
    it('a shopper’s token is none at either portal, as Bearer or as a cookie of any name', async () => {
      for (const portal of ['admin', 'partner'] as const) {
        const browser = portals[portal].browser();
        for (const path of ['/sessions', '/offers', '/markets', '/claims', '/keys']) {
          const answer = await browser.api('get', path, { token: shopper.token });
          assert.ok([401, 404].includes(answer.status), `${portal} ${path}: ${answer.status}`);
        }
        assert.equal((await browser.api('get', '/sessions', { token: shopper.token })).status, 401);
        for (const kind of ['access', 'refresh']) {
          const visitor = portals[portal].browser();
          visitor.cookies.set(`__Host-bulkhead-${portal}-${kind}`, shopper.token);
          const page = await visitor.get('/profile');
          assert.ok([303, 401].includes(page.status), `${portal} ${kind}: ${page.status}`);
          if (page.status === 303) assert.match(page.get('Location') ?? '', /^\/sign-in/);
        }
        const renewed = await browser.api('post', '/tokens/refresh', {
          body: { refreshToken: shopper.token },
        });
        assert.equal(renewed.status, 401);
      }
    });

    it('a portal’s token is refused with an explanation, wherever it stands, and opens nothing', async () => {
      for (const login of [partnerLogin('amber', 'owner'), staffLogin('operator')]) {
        const token = await portals.token(login);
        for (const [method, path] of OWN_ROUTES) {
          const answer = await ask(token)(method, path, ['patch', 'post'].includes(method) ? {} : undefined);
          assert.deepEqual([answer.status, answer.body.code], [400, 'secret-key'], `${method} ${path}`);
          assert.ok(!answer.text.includes(token));
        }
        const asKey = await request(portals.partner.url).get('/public/v1/offers').set('Bulkhead-Key', token);
        assert.deepEqual([asKey.status, asKey.body.code], [400, 'secret-key']);
      }
    });

    it('a portal’s token signed for the public issuer is still none', async () => {
      for (const surface of ['partner', 'admin'] as const) {
        const token = await forge('public', keys(surface), claims, { kid: keys('public').kid });
        assert.equal((await me(token)).status, 401);
        const named = await forge('public', keys(surface), claims);
        assert.equal((await me(named)).status, 401);
      }
    });

    it('cookies mean nothing: neither a portal’s nor a shopper’s, nor any name', async () => {
      const staff = await portals.signIn(partnerLogin('amber', 'owner'));
      const cookies = [
        staff.cookieHeader(),
        `token=${shopper.token}; Authorization=Bearer ${shopper.token}`,
        ...['shopper', 'public', 'partner'].map((name) => `__Host-bulkhead-${name}-access=${shopper.token}`),
        `__Host-bulkhead-shopper=${shopper.token}; bulkhead-key=${keyText(amber.key)}`,
      ];
      for (const cookie of cookies) {
        const sent = (path: string) =>
          request(portals.partner.url).get(`/public/v1${path}`).set('Cookie', cookie);
        const [withKey, without, offers] = [
          await sent('/me').set('Bulkhead-Key', keyText(amber.key)),
          await sent('/offers'),
          await sent('/offers').set('Bulkhead-Key', keyText(amber.key)),
        ];
        assert.deepEqual([withKey.status, withKey.body.code], [401, 'token-refused']);
        assert.deepEqual([without.status, without.body.code], [401, 'key-missing']);
        assert.equal(offers.status, 200);
        for (const answer of [withKey, without, offers]) assert.equal(answer.get('Set-Cookie'), undefined);
      }
    });

    it('a key opens neither portal', async () => {
      for (const portal of ['admin', 'partner'] as const) {
        for (const path of ['/api/v1/offers', '/api/v1/sessions', '/offers']) {
          const answer = await request(portals[portal].url)
            .get(path)
            .redirects(0)
            .set({ 'Bulkhead-Key': keyText(amber.key), Authorization: `Bearer ${keyText(amber.key)}` })
            .query({ key: keyText(amber.key) });
          assert.ok([303, 401, 404, 422].includes(answer.status), `${portal} ${path}: ${answer.status}`);
          assert.ok(!answer.text.includes('marker-amber'));
        }
      }
      const open = await request(portals.admin.url)
        .get('/public/v1/offers')
        .set('Bulkhead-Key', keyText(amber.key));
      assert.ok([303, 401, 404].includes(open.status), `the admin process has no door: ${open.status}`);
    });
  });

  describe('of a key', () => {
    const withKey = (key: string) =>
      request(portals.partner.url).get('/public/v1/offers').set('Bulkhead-Key', key);

    it('are told by their checksum wherever one character is another', async () => {
      const good = keyText(amber.key);
      const answers = new Map<string, number>();
      for (let place = 8; place < good.length; place += 1) {
        const other = good[place] === 'A' ? 'B' : 'A';
        const { status, body } = await withKey(good.slice(0, place) + other + good.slice(place + 1));
        assert.equal(status, 401);
        answers.set(body.code, (answers.get(body.code) ?? 0) + 1);
      }
      assert.deepEqual([...answers], [['key-malformed', good.length - 8]]);
    });

    it('are no keys, whatever they are spelled like', async () => {
      const good = keyText(amber.key);
      for (const odd of [
        good.toLowerCase(),
        good.toUpperCase(),
        good.slice(0, -1),
        `${good}A`,
        good.replace('pk_live_', ''),
        amber.key,
        `pk_live_${'z'.repeat(28)}`,
        `pk_live_${'0'.repeat(28)}`,
        "pk_live_' or 1=1 --",
        'undefined',
        '../../etc/passwd',
        `${good},${keyText(basil.key)}`,
      ]) {
        const { status, body } = await withKey(odd);
        assert.deepEqual([status, body.code], [401, 'key-malformed'], odd);
      }
      for (const id of [amber.marketId, amber.owner, amber.shopper, '00000000-0000-0000-0000-000000000000'])
        assert.deepEqual((await withKey(keyText(id))).body.code, 'key-unknown');
      assert.equal((await withKey(good)).status, 200);
    });

    it('shows its own market, whatever else the request names', async () => {
      const own = keyText(amber.key);
      const query = {
        market: basil.marketId,
        marketId: basil.marketId,
        market_id: basil.marketId,
        slug: 'marker-basil-main',
      };
      for (const [name, value] of Object.entries(query)) {
        const answer = await withKey(own).query({ [name]: value });
        assert.ok(answer.status === 422 || !answer.text.includes('marker-basil'), `${name}: ${answer.text}`);
      }
      const answer = await withKey(own)
        .set({ 'X-Market-Id': basil.marketId, Host: 'marker-basil-main', Cookie: `market=${basil.marketId}` })
        .query({ key: keyText(basil.key) });
      // The header is the key that counts; two that differ never mix.
      assert.ok(!answer.text.includes('marker-basil'), answer.text);
    });
  });
});
