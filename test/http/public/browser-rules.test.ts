import assert from 'node:assert/strict';
import { keyText } from '../../../server/public/publishable-key.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { asker } from '../../support/public.ts';
import { amber, basil } from '../../support/two-markets.ts';

const SHOP = 'https://shop.example';
const VARY = ['Origin', 'Bulkhead-Key', 'Authorization', 'Accept-Language', 'Accept-Encoding'];

describe('the public surface and browsers', () => {
  let portals: TestPortals;
  let ask: ReturnType<typeof asker>;

  before(async () => {
    portals = await startPortals();
    ask = asker(portals.partner);
    await portals.sql('update publishable_key set origins = $1 where id = $2', [[SHOP], basil.key]);
  });
  after(() => portals.close());

  describe('other origins', () => {
    it('may ask beforehand, without a key', async () => {
      const asked = { Origin: SHOP, 'Access-Control-Request-Method': 'PATCH' };
      const answer = await ask('options', '/me', null, asked).expect(204);
      assert.equal(answer.get('Access-Control-Allow-Origin'), SHOP);
      for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
        assert.match(answer.get('Access-Control-Allow-Methods')!, new RegExp(method));
      }
      for (const header of ['Authorization', 'Bulkhead-Key', 'Content-Type']) {
        assert.match(answer.get('Access-Control-Allow-Headers')!, new RegExp(header));
      }
      assert.ok(Number(answer.get('Access-Control-Max-Age')) > 0);
    });

    it('read answers where the key is for all, or for them', async () => {
      for (const [key, origin] of [
        [amber.key, SHOP],
        [amber.key, 'https://any.example'],
        [basil.key, SHOP],
      ] as const) {
        const answer = await ask('get', '/market', key, { Origin: origin }).expect(200);
        assert.equal(answer.get('Access-Control-Allow-Origin'), origin);
      }
    });

    it('are refused where it is for others, and told so in the answer alone', async () => {
      for (const origin of [
        'https://any.example',
        'http://shop.example',
        `${SHOP}.evil.example`,
        `${SHOP}:444`,
        'null',
      ]) {
        const answer = await ask('get', '/offers', basil.key, { Origin: origin });
        assert.deepEqual([answer.status, answer.body.code], [403, 'origin-refused'], origin);
        assert.equal(answer.get('Access-Control-Allow-Origin'), undefined);
      }
    });

    it('can read why a key was refused', async () => {
      const answer = await ask('get', '/market', null, { Origin: SHOP });
      assert.equal(answer.body.code, 'key-missing');
      assert.equal(answer.get('Access-Control-Allow-Origin'), SHOP);
    });

    it('never send cookies along, and cookies mean nothing', async () => {
      const answers = await Promise.all([
        ask('options', '/offers', null, { Origin: SHOP, 'Access-Control-Request-Method': 'GET' }),
        ask('get', '/offers', amber.key, { Origin: SHOP, Cookie: 'a=b; bulkhead-locale=ar' }),
        ask('get', '/offers', null, { Origin: SHOP }),
      ]);
      for (const answer of answers) {
        assert.equal(answer.get('Access-Control-Allow-Credentials'), undefined);
        assert.equal(answer.get('Set-Cookie'), undefined);
      }
    });

    it('may embed what is public, and nothing else', async () => {
      const open = await ask('get', '/market', amber.key);
      assert.equal(open.get('Cross-Origin-Resource-Policy'), 'cross-origin');
      const page = await portals.partner.browser().get('/sign-in');
      assert.equal(page.get('Cross-Origin-Resource-Policy'), 'same-origin');
      assert.equal(page.get('Access-Control-Allow-Origin'), undefined);
    });
  });

  describe('caches', () => {
    it('are told on what an answer depends, whatever the answer', async () => {
      for (const key of [amber.key, amber.revokedKey, null]) {
        const vary = (await ask('get', '/offers', key, { Origin: SHOP })).get('Vary') as unknown as string;
        for (const header of VARY) assert.match(vary, new RegExp(header, 'i'));
      }
    });

    it('keep every answer private, and errors not at all', async () => {
      for (const path of ['/market', '/categories', '/branches', '/offers', `/offers/${amber.liveOffer}`]) {
        const answer = await ask('get', path, amber.key).expect(200);
        assert.match(answer.get('Cache-Control')!, /^private, (no-cache|max-age=\d+)$/, path);
        assert.match(answer.get('ETag')!, /^"[\w-]{27}"$/, path);
      }
      const refused = await ask('get', '/market', null);
      assert.equal(refused.get('Cache-Control'), 'private, no-store');
      assert.equal(refused.get('ETag'), undefined);
    });

    it('are answered 304 when they have it', async () => {
      const etag = (await ask('get', '/offers', amber.key)).get('ETag')!;
      for (const header of [etag, `W/${etag}`, `"other", ${etag}`]) {
        const answer = await ask('get', '/offers', amber.key, { 'If-None-Match': header }).expect(304);
        assert.equal(answer.text, '');
        assert.equal(answer.get('ETag'), etag);
        assert.ok(answer.get('Vary'));
      }
      await ask('get', '/offers', amber.key, { 'If-None-Match': '"other"' }).expect(200);
    });

    it('never take the answer of one market for that of another, equal as they are', async () => {
      const nothing = '/offers?category=nothing';
      const [mine, other] = await Promise.all([
        ask('get', nothing, amber.key),
        ask('get', nothing, basil.key),
      ]);
      assert.equal(mine.text, other.text);
      assert.notEqual(mine.get('ETag'), other.get('ETag'));
      await ask('get', nothing, basil.key, { 'If-None-Match': mine.get('ETag')! }).expect(200);
      await ask('get', nothing, amber.key, { 'If-None-Match': mine.get('ETag')! }).expect(304);
    });

    it('learn that a key was revoked before they may show what they have', async () => {
      const etag = (await ask('get', '/offers', amber.key)).get('ETag')!;
      await portals.sql('update publishable_key set revoked_at = now() where id = $1', [amber.key]);
      const answer = await ask('get', '/offers', amber.key, { 'If-None-Match': etag });
      assert.equal(answer.status, 401);
      await portals.sql('update publishable_key set revoked_at = null where id = $1', [amber.key]);
    });
  });

  describe('documents', () => {
    it('are there for everybody, and complete enough to ask by', async () => {
      const { body } = await ask('get', '/openapi.json', null).expect(200);
      assert.equal(body.openapi, '3.1.0');
      for (const path of ['/market', '/categories', '/branches', '/offers', '/offers/{id}', '/images/{id}']) {
        assert.ok(body.paths[path]?.get, path);
      }
      const names = body.paths['/offers'].get.parameters.map(({ name }: { name: string }) => name);
      assert.deepEqual(names.sort(), [
        'branch',
        'category',
        'cursor',
        'limit',
        'near',
        'q',
        'sort',
        'within',
      ]);
      assert.equal(body.components.securitySchemes.key.name, 'Bulkhead-Key');
    });
  });

  it('answers bad bodies and addresses as problems that the page can read', async () => {
    const sent = ask('post', '/offers', amber.key, { Origin: SHOP, 'Content-Type': 'application/json' });
    const cases = [await sent.send('{'), await ask('get', '/offers?a=%ff', amber.key, { Origin: SHOP })];
    cases.push(await ask('get', `/offers?key=${keyText(amber.key)}&key=x`, null, { Origin: SHOP }));
    for (const answer of cases) {
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.type, /problem\+json/);
      assert.equal(answer.get('Access-Control-Allow-Origin'), SHOP);
    }
  });
});
