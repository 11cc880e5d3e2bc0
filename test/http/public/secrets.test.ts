import assert from 'node:assert/strict';
import { keyText } from '../../../server/public/publishable-key.ts';
import { partnerLogin, staffLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { asker } from '../../support/public.ts';
import { amber, basil } from '../../support/two-markets.ts';

const jwt = (claims: object) =>
  [{ alg: 'HS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('secrets in the place of a publishable key', () => {
  let portals: TestPortals;
  let ask: ReturnType<typeof asker>;

  before(async () => {
    portals = await startPortals({ env: { TRUST_PROXY: '1' } });
    ask = asker(portals.partner);
  });
  after(() => portals.close());

  const entries = (marketId: string) =>
    portals.sql<{ actor_kind: string; actor_id: string; surface: string; details: Record<string, string> }>(
      `select actor_kind, actor_id, surface, details from audit_entry
       where market_id = $1 and action = 'key.secret' and id <> all($2) order by at`,
      [marketId, known],
    );
  /** Entries stay: what is there already is left out from now on. */
  let known: string[] = [];
  const leaveOut = async () => {
    const rows = await portals.sql<{ id: string }>('select id from audit_entry');
    known = rows.map(({ id }) => id);
  };

  it('are refused wherever they stand, with what to do', async () => {
    const secrets = [
      'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
      'rk_test_12345678',
      'sb_secret_abcdefgh',
      'ghp_0123456789abcdef0123',
      'service_role',
      'postgresql://bulkhead_partner:hunter2@db.example:5432/bulkhead',
      '-----BEGIN RSA PRIVATE KEY-----',
      `${jwt({ role: 'service_role' })}.c2ln`,
      `${jwt({ iss: 'bulkhead-partner' })}.c2ln`,
      await portals.token(partnerLogin('amber')),
    ];
    for (const secret of secrets) {
      const places: [string, Record<string, string>][] = [
        ['/market', { 'Bulkhead-Key': secret }],
        ['/market', { apikey: secret }],
        [`/market?key=${encodeURIComponent(secret)}`, {}],
        [`/market?apikey=${encodeURIComponent(secret)}`, {}],
        ['/market', { Authorization: `Bearer ${secret}`, 'Bulkhead-Key': keyText(amber.key) }],
      ];
      for (const [path, headers] of places) {
        const answer = await ask('get', path, null, { Origin: 'https://shop.example', ...headers });
        assert.deepEqual(
          [answer.status, answer.body.code],
          [400, 'secret-key'],
          `${secret} ${JSON.stringify(headers)}`,
        );
        assert.match(answer.body.detail, /replace it|take it out/i);
        assert.equal(answer.get('Access-Control-Allow-Origin'), 'https://shop.example');
        assert.ok(!answer.text.includes(secret));
      }
    }
  });

  it('are no secrets where they only look alike', async () => {
    const words = [
      '/offers?q=sk',
      '/offers?q=service',
      '/offers?q=eyJhbGciOiJIUzI1NiJ9',
      '/offers?q=postgres',
    ];
    for (const path of words) await ask('get', path, amber.key).expect(200);
    const shopper = `${jwt({ iss: 'bulkhead-public' })}.c2ln`;
    const answer = await ask('get', '/market', amber.key, { Authorization: `Bearer ${shopper}` });
    assert.equal(answer.body.code, 'token-refused');
  });

  it('are written into the audit trail of the key beside them, once an address and hour, and never themselves', async () => {
    await portals.sql("delete from partner_throttle where key like 'secret-audit:%'");
    await leaveOut();
    const secret = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';
    const send = (address: string) =>
      ask('get', '/market', basil.key, {
        ...{ 'X-Forwarded-For': address, Origin: 'https://shop.example', Authorization: `Bearer ${secret}` },
      }).expect(400);
    await Promise.all([send('192.0.2.1'), send('192.0.2.1'), send('192.0.2.1')]);
    const written = await entries(basil.marketId);
    const details = { kind: 'secret-key', place: 'Authorization', origin: 'https://shop.example' };
    assert.deepEqual(written, [{ actor_kind: 'key', actor_id: basil.key, surface: 'public', details }]);
    await send('192.0.2.2');
    assert.equal((await entries(basil.marketId)).length, 2);
    assert.deepEqual(await entries(amber.marketId), []);
  });

  it('that are a session of a market are written there, if their signature is ours', async () => {
    await leaveOut();
    const token = await portals.token(partnerLogin('amber', 'owner'));
    const [header, payload] = token.split('.');
    const send = (sent: string, address: string) =>
      ask('get', '/market', null, { 'Bulkhead-Key': sent, 'X-Forwarded-For': address }).expect(400);
    await send(`${header}.${payload}.${'A'.repeat(43)}`, '192.0.2.3');
    await send(await portals.token(staffLogin()), '192.0.2.4');
    assert.deepEqual(await entries(amber.marketId), []);
    await send(token, '192.0.2.5');
    const [entry] = await entries(amber.marketId);
    assert.deepEqual([entry?.actor_kind, entry?.details.kind], ['visitor', 'portal-token']);
    assert.equal(JSON.stringify(entry).includes(payload!), false);
    assert.deepEqual(await entries(basil.marketId), []);
  });

  it('bring no entry into the trail of a revoked key', async () => {
    await leaveOut();
    const headers = { Authorization: 'Bearer sk_live_12345678', 'X-Forwarded-For': '192.0.2.6' };
    await ask('get', '/market', amber.revokedKey, headers).expect(400);
    assert.deepEqual(await entries(amber.marketId), []);
  });
});
