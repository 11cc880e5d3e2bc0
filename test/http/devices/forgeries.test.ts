import assert from 'node:assert/strict';
import { request as rawRequest } from 'node:http';
import { decodeJwt } from 'jose';
import request from 'supertest';
import { createTokens } from '../../../server/auth/tokens.ts';
import type { TokenKey } from '../../../server/config.ts';
import { keyText } from '../../../server/public/publishable-key.ts';
import { partnerLogin, staffLogin, startBeside, startPortals, type TestPortals } from '../../support/http.ts';
import { insertShoppers } from '../../support/shoppers.ts';
import {
  insertCode,
  type KeyPair,
  makeKey,
  pairedTill,
  publicJwk,
  signed,
  TestTill,
  type TillCall,
  tillServer,
} from '../../support/till.ts';
import {
  forgeToken,
  nonceForgeries,
  proofForgeries,
  type SyncClaims,
  tokenForgeries,
} from '../../support/till-forgeries.ts';
import { amber, basil } from '../../support/two-markets.ts';

const claimsOf = ({ token }: TestTill): SyncClaims => {
  const { sub, mkt, brn, ops, cnf } = decodeJwt(token) as unknown as SyncClaims;
  return { sub, mkt, brn, ops, cnf };
};

describe('forgeries at the device surface', function () {
  this.timeout(180_000);
  let portals: TestPortals;
  let till: TestTill;
  let others: Record<'sibling' | 'branch' | 'market', TestTill>;
  let tried = 0;

  before(async () => {
    portals = await startPortals({ limits: { failuresPerAddress: 1_000_000 } });
    till = await pairedTill(portals, amber);
    others = {
      sibling: await pairedTill(portals, amber),
      branch: await pairedTill(portals, amber, { branch: amber.secondBranch }),
      market: await pairedTill(portals, basil),
    };
  });
  after(() => {
    process.stdout.write(`        ${tried} forgeries and cross-uses at the device surface\n`);
    assert.ok(tried >= 150);
    return portals?.close();
  });
  // Refusals from one network are counted, and all of this comes from one.
  beforeEach(async () => {
    await portals.sql(`delete from partner_throttle where key like 'till-refusals%' or key like 'pairings%'`);
  });

  const key = () => portals.database.tokenKeys.device[0]!;
  const fresh = async () => assert.equal((await till.get('/device')).status, 200);

  it('of a token are refused with one answer; the same token unchanged is not', async () => {
    await fresh();
    const { admin, partner, public: open } = portals.database.tokenKeys;
    const tills = {
      ...{ sibling: claimsOf(others.sibling), branch: claimsOf(others.branch) },
      market: claimsOf(others.market),
    };
    const keys = { admin: admin[0]!, partner: partner[0]!, public: open[0]! };
    const good = await till.send({ path: '/device', token: await forgeToken(key(), claimsOf(till)) });
    assert.equal(good.status, 200);
    for (const [name, token] of await tokenForgeries(key(), claimsOf(till), { keys, tills })) {
      const answer = await till.send({ path: '/device', token });
      // One that is another till's by right is stopped by the key of the proof.
      const own = /own token$/.test(name) ? 'proof-refused' : 'till-token-refused';
      assert.deepEqual([answer.status, answer.body.code], [401, own], name);
      assert.match(answer.headers.get('WWW-Authenticate') ?? '', /^DPoP /);
      tried++;
    }
    await fresh();
  });

  it('of a token’s age: one that was good is told so, and nothing else is', async () => {
    const issued = Math.floor(Date.now() / 1_000) - 901;
    const late = await till.send({
      path: '/device',
      token: await forgeToken(key(), claimsOf(till), { issued }),
    });
    assert.deepEqual([late.status, late.body.code], [401, 'token-expired']);
    const lie = await forgeToken(key(), claimsOf(till), { issued, key: Buffer.alloc(32, 7) });
    const forged = await till.send({ path: '/device', token: lie });
    assert.deepEqual([forged.status, forged.body.code], [401, 'till-token-refused']);
    tried += 2;
  });

  it('of a proof are refused, of a GET and of a POST alike', async () => {
    await fresh();
    for (const sent of [
      { method: 'GET', path: '/device' },
      { method: 'POST', path: '/tokens-of-nobody', body: { a: 1 }, text: '{"a":1}' },
    ] as const) {
      // The POST goes nowhere: what matters is that it gets there.
      const { text: _, ...call } = sent as { method: 'GET' | 'POST'; path: string; text?: string };
      assert.equal((await till.send(call)).status, sent.method === 'GET' ? 200 : 404);
      for (const [name, forged] of await proofForgeries(till, sent, { sibling: others.sibling })) {
        const answer = await till.send({ ...call, ...forged });
        const said = `${sent.method}: ${name}`;
        assert.deepEqual([answer.status, answer.body.code], [401, 'proof-refused'], said);
        tried++;
      }
    }
    await fresh();
  });

  it('of a body: another one than was proved, none, one of another kind', async () => {
    await fresh();
    const proved = async (text: string | undefined) => till.proof({ method: 'POST', path: '/nowhere' }, text);
    const post = (DPoP: string, body: string, type = 'application/json') =>
      fetch(`${till.server.url}/sync/v1/nowhere`, {
        ...{ method: 'POST', body },
        headers: { Authorization: `DPoP ${till.token}`, DPoP, 'Content-Type': type },
      });
    const cases: [string, () => Promise<Response>, number][] = [
      ['as proved', async () => post(await proved('{"a":1}'), '{"a":1}'), 404],
      ['a space more', async () => post(await proved('{"a":1}'), '{"a": 1}'), 401],
      ['another value', async () => post(await proved('{"a":1}'), '{"a":2}'), 401],
      ['not proved at all', async () => post(await proved(undefined), '{"a":1}'), 401],
      ['proved as empty', async () => post(await proved(''), '{"a":1}'), 401],
      ['gone', async () => post(await proved('{"a":1}'), ''), 401],
      ['as text', async () => post(await proved('{"a":1}'), '{"a":1}', 'text/plain'), 415],
      ['as a form', async () => post(await proved('a=1'), 'a=1', 'application/x-www-form-urlencoded'), 415],
    ];
    for (const [name, send, status] of cases) {
      assert.equal((await send()).status, status, name);
      if (status !== 404) tried++;
    }
  });

  it('of a nonce are refused, with a nonce that does', async () => {
    await fresh();
    for (const [name, nonce] of nonceForgeries(key(), till.nonce)) {
      const answer = await till.send({ path: '/device', claims: { nonce } });
      assert.deepEqual([answer.status, answer.body.code], [401, 'use_dpop_nonce'], name);
      assert.match(answer.headers.get('WWW-Authenticate') ?? '', /error="use_dpop_nonce"/);
      assert.equal((await till.send({ path: '/device' })).status, 200, name);
      tried++;
    }
  });

  it('of headers: two tokens, two proofs, another scheme, none', async () => {
    await fresh();
    const proof = () => till.proof({ path: '/device' }, undefined);
    const token = `DPoP ${till.token}`;
    const cases: [string, string[]][] = [
      ['no token', ['DPoP', await proof()]],
      ['Bearer', ['Authorization', `Bearer ${till.token}`, 'DPoP', await proof()]],
      ['no scheme', ['Authorization', till.token, 'DPoP', await proof()]],
      ['Basic', ['Authorization', `Basic ${till.token}`, 'DPoP', await proof()]],
      ['two tokens', ['Authorization', token, 'Authorization', token, 'DPoP', await proof()]],
      [
        'a good one behind a bad one',
        ['Authorization', 'DPoP x.y.z', 'Authorization', token, 'DPoP', await proof()],
      ],
      ['two proofs', ['Authorization', token, 'DPoP', await proof(), 'DPoP', await proof()]],
      [
        'a cookie',
        ['Cookie', `token=${till.token}; Authorization=DPoP ${till.token}`, 'DPoP', await proof()],
      ],
      ['a query', ['DPoP', await proof()]],
    ];
    for (const [name, headers] of cases) {
      const path = name === 'a query' ? `/device?access_token=${till.token}` : '/device';
      assert.equal(await sentRaw(till.server.url, path, headers), 401, name);
      tried++;
    }
    assert.equal(
      await sentRaw(till.server.url, '/device', ['authorization', token, 'dpop', await proof()]),
      200,
    );
  });

  it('of keys: one that has been rotated out twice opens nothing any more', async () => {
    const [older, old, current] = ['device-older', 'device-old', 'device-new'].map(
      (kid, index): TokenKey => ({ kid, key: Buffer.alloc(32, index + 1) }),
    );
    const ring = `device-new:${current!.key.toString('base64url')},device-old:${old!.key.toString('base64url')}`;
    const rotated = await startPortals({ env: { DEVICE_TOKEN_KEYS: ring } });
    try {
      const own = await pairedTill(rotated, amber);
      const ask = async (by: TokenKey) =>
        own.send({ path: '/device', token: await forgeToken(by, claimsOf(own)) });
      assert.deepEqual([(await ask(current!)).status, (await ask(old!)).status], [200, 200]);
      assert.equal((await ask(older!)).body.code, 'till-token-refused');
      tried++;
    } finally {
      await rotated.close();
    }
  });

  it('of challenges: replayed, another till’s, late, forged, not proved', async () => {
    const fits = async () => (await till.challenge()).body.challenge as string;
    const device = createTokens('device', portals.database.tokenKeys.device);
    const made = (claims: object, seconds = 60, kind: 'challenge' | 'sync' = 'challenge') =>
      device.sign(
        kind,
        { sub: till.deviceId, jti: crypto.randomUUID(), ...claims },
        { issuedAt: new Date(), seconds },
      );
    const other = async (surface: 'partner' | 'public' | 'admin') =>
      createTokens(surface, portals.database.tokenKeys[surface]).sign(
        ...([
          'challenge',
          { sub: till.deviceId, jti: crypto.randomUUID() },
          { issuedAt: new Date(), seconds: 60 },
        ] as const),
      );
    const once = await fits();
    assert.equal((await till.answer(once)).status, 201);
    const siblings = (await others.sibling.challenge()).body.challenge as string;
    const cases: [string, string][] = [
      ['replayed', once],
      ['a sibling’s', siblings],
      ['late', await made({}, -5)],
      ['without an id', await made({ jti: undefined })],
      ['of nobody', await made({ sub: undefined })],
      ['a token', till.token],
      ['of the partner portal', await other('partner')],
      ['of the admin portal', await other('admin')],
      ['of the public surface', await other('public')],
      ['changed', `${(await fits()).slice(0, -3)}AAA`],
      ['none', 'x'],
    ];
    for (const [name, challenge] of cases) {
      const answer = await till.answer(challenge);
      assert.deepEqual([answer.status, answer.body.code], [401, 'challenge-refused'], name);
      tried++;
    }
    const thief = await makeKey();
    const proofs: [string, object][] = [
      ['a thief’s key', { key: thief }],
      ['a sibling’s key', { key: others.sibling.key }],
      ['no proof', { headers: { DPoP: '' } }],
      ['another method', { claims: { htm: 'GET' } }],
      ['another address', { claims: { htu: `${till.server.publicUrl}/sync/v1/pairings` } }],
      ['another body', { claims: { nonce: '', bh: 'A'.repeat(43) } }],
      ['with a token’s digest', { claims: { ath: 'A'.repeat(43) } }],
    ];
    for (const [name, change] of proofs) {
      const challenge = await fits();
      const given = change as { claims?: object };
      const claims = { nonce: challenge, ...given.claims };
      if ((claims as { nonce?: string }).nonce === '') claims.nonce = challenge;
      const answer = await till.answer(challenge, {}, { ...change, claims });
      assert.deepEqual([answer.status, answer.body.code], [401, 'proof-refused'], name);
      tried++;
    }
    const stale = await till.answer(await fits(), {}, { claims: { nonce: till.nonce } });
    assert.deepEqual([stale.status, stale.body.code], [401, 'use_dpop_nonce']);
    const unknown = await till.answer(await made({ sub: amber.owner }), { deviceId: amber.owner });
    assert.deepEqual([unknown.status, unknown.body.code], [401, 'proof-refused']);
    tried += 2;
  });

  it('one challenge answered twenty times at once, in two processes, gives one token', async () => {
    const second = await startBeside(portals);
    try {
      const challenge = (await till.challenge()).body.challenge as string;
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const copy = await TestTill.create(
            index % 2 ? tillServer(portals) : tillServer({ partner: second }),
            till.key,
          );
          copy.deviceId = till.deviceId;
          return (await copy.answer(challenge)).status;
        }),
      );
      assert.deepEqual(answers.filter((status) => status === 201).length, 1);
      assert.ok(answers.every((status) => status === 201 || status === 401));
      tried += 19;
    } finally {
      await second.close();
    }
  });

  it('a stolen token is worth nothing without the key, and a narrow one can’t be widened', async () => {
    const narrow = await till.authenticate({ operations: ['pull:offers'] });
    assert.deepEqual(narrow.body.operations, ['pull:offers']);
    assert.deepEqual(claimsOf(till).ops, ['pull:offers']);
    const wide = await till.authenticate({ operations: ['pull:offers', 'pull:everything'] });
    assert.equal(wide.status, 422);
    const thief = await TestTill.create(tillServer(portals));
    thief.nonce = till.nonce;
    const stolen = await thief.send({ path: '/device', token: till.token });
    assert.deepEqual([stolen.status, stolen.body.code], [401, 'proof-refused']);
    assert.equal((await till.authenticate()).status, 201);
    tried += 2;
  });

  it('a till that was revoked, and one of a suspended market, are told so and get nothing', async () => {
    const gone = await pairedTill(portals, amber);
    await portals.sql(`update device set state = 'revoked' where id = $1`, [gone.deviceId]);
    const foreign = await TestTill.create(tillServer(portals));
    for (const [answer, code] of [
      [await gone.send({ path: '/device' }), 'device-revoked'],
      [await gone.authenticate(), 'device-revoked'],
    ] as const) {
      assert.deepEqual([answer.status, answer.body.code], [403, code]);
      tried++;
    }
    // Who has no proof of the key learns nothing about it.
    foreign.deviceId = gone.deviceId;
    assert.equal((await foreign.authenticate()).body.code, 'proof-refused');
    await portals.sql(`update market set state = 'suspended' where id = $1`, [amber.marketId]);
    try {
      for (const answer of [await till.send({ path: '/device' }), await till.authenticate()]) {
        assert.deepEqual([answer.status, answer.body.code], [403, 'market-suspended']);
        tried++;
      }
      const { code } = await insertCode(portals, amber);
      assert.equal(
        (await (await TestTill.create(tillServer(portals))).pair(code)).body.code,
        'pairing-refused',
      );
    } finally {
      await portals.sql(`update market set state = 'active' where id = $1`, [amber.marketId]);
    }
    await fresh();
    tried += 2;
  });

  it('a pairing needs a proof of its own key, about this very code', async () => {
    const { code } = await insertCode(portals, amber);
    const other = await TestTill.create(tillServer(portals));
    other.nonce = till.nonce;
    const call = { method: 'POST', path: '/pairings', token: null, body: { code } } as const;
    const thief = await makeKey();
    const cases: [string, object][] = [
      ['no proof', { headers: { DPoP: '' } }],
      ['another body', { claims: { bh: 'A'.repeat(43) } }],
      ['no body', { claims: { bh: undefined } }],
      ['another address', { claims: { htu: `${other.server.publicUrl}/sync/v1/tokens` } }],
      ['another method', { claims: { htm: 'PUT' } }],
      ['a key that did not sign', { headers: { DPoP: await proofNaming(thief, other, call) } }],
    ];
    for (const [name, change] of cases) {
      const answer = await other.send({ ...call, ...change });
      assert.deepEqual([answer.status, answer.body.code], [401, 'proof-refused'], name);
      tried++;
    }
    assert.equal((await other.send(call)).status, 201);
  });

  it('a till’s token opens nothing at the portals or the public surface, wherever it stands', async () => {
    for (const name of ['admin', 'partner'] as const) {
      const browser = portals[name].browser();
      for (const path of ['/sessions', '/devices', '/offers', '/audit', '/market']) {
        const answer = await browser.api('get', path, { token: till.token });
        assert.ok([401, 404].includes(answer.status), `${name} ${path}: ${answer.status}`);
        tried++;
      }
      for (const kind of ['access', 'refresh']) {
        const visitor = portals[name].browser();
        visitor.cookies.set(`__Host-bulkhead-${name}-${kind}`, till.token);
        const page = await visitor.get('/devices');
        assert.ok([303, 401].includes(page.status), `${name} ${kind}: ${page.status}`);
        tried++;
      }
    }
    const open = (headers: Record<string, string>, path = '/offers') =>
      request(portals.partner.url).get(`/public/v1${path}`).set(headers);
    for (const [headers, path] of [
      [{ 'Bulkhead-Key': till.token }],
      [{ 'Bulkhead-Key': keyText(amber.key), Authorization: `Bearer ${till.token}` }, '/me'],
      [{ 'Bulkhead-Key': keyText(amber.key), Authorization: `DPoP ${till.token}` }, '/me'],
      [{}, `/offers?key=${till.token}`],
    ] as [Record<string, string>, string?][]) {
      const answer = await open(headers, path);
      assert.deepEqual([answer.status, answer.body.code], [400, 'secret-key'], JSON.stringify(path));
      assert.equal(answer.body.detail.includes(till.token), false);
      tried++;
    }
  });

  it('the reverse: portals’ tokens, a shopper’s and a publishable key open nothing for a till', async () => {
    const [shopper] = await insertShoppers(portals, amber, 1);
    const tokens: [string, string][] = [
      ['owner', await portals.token(partnerLogin('amber', 'owner'))],
      ['operator', await portals.token(staffLogin('operator'))],
      ['shopper', shopper!.token],
    ];
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    for (const [name, token] of tokens) {
      const bound = await till.send({ path: '/device', token });
      assert.deepEqual([bound.status, bound.body.code], [401, 'till-token-refused'], name);
      for (const scheme of ['Bearer', 'DPoP']) {
        const answer = await request(portals.partner.url)
          .get('/sync/v1/device')
          .set('Authorization', `${scheme} ${token}`);
        assert.equal(answer.status, 401, `${name} ${scheme}`);
        tried++;
      }
      tried++;
    }
    for (const headers of [
      { Cookie: owner.cookieHeader() },
      { 'Bulkhead-Key': keyText(amber.key) },
      { Authorization: `DPoP ${keyText(amber.key)}` },
    ] as Record<string, string>[]) {
      const answer = await request(portals.partner.url).get('/sync/v1/device').set(headers);
      assert.equal(answer.status, 401, JSON.stringify(headers).slice(0, 40));
      tried++;
    }
  });
});

/** A proof of this till’s key that names another key as its own. */
async function proofNaming(named: KeyPair, till: TestTill, call: TillCall): Promise<string> {
  const proof = await till.proof(call, JSON.stringify(call.body));
  const claims = JSON.parse(Buffer.from(proof.split('.')[1]!, 'base64url').toString());
  return signed(till.key, { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwk(named.publicKey) }, claims);
}

/** Headers exactly as given, twice over where they are: `fetch` would join them. */
function sentRaw(url: string, path: string, headers: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const { host, hostname, port } = new URL(url);
    const sent = rawRequest(
      { hostname, port, path: `/sync/v1${path}`, headers: ['Host', host, ...headers] as never },
      (res) => {
        res.resume();
        resolve(res.statusCode ?? 0);
      },
    );
    sent.on('error', reject).end();
  });
}
