import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { tillModule } from '../support/till-modules.ts';

interface Seen {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly claims: Record<string, unknown>;
  readonly body: unknown;
}

type Answer = [status: number, content?: unknown, headers?: Record<string, string>] | Error;

/** A till whose server says what it is told to say, in turn, and writes down what it was asked. */
async function tillAt(
  answers: Answer[],
  kept: { token?: string; nonce?: string } = { token: 'old', nonce: 'n0' },
) {
  const [{ createProtocol, Refusal }, { makeKeys }, { createIds }] = await Promise.all(
    ['protocol', 'proof', 'ids'].map(tillModule),
  );
  const session = { deviceId: 'device', keys: await makeKeys(), ...kept } as Record<string, unknown>;
  const seen: Seen[] = [];
  const send = async (url: string, { headers, body }: { headers: Record<string, string>; body?: string }) => {
    const claims = decodeJwt(headers.DPoP!);
    seen.push({
      ...{ path: url.replace('http://here/sync/v1', ''), authorization: headers.Authorization, claims },
      body: body && JSON.parse(body),
    });
    const answer = answers[seen.length - 1] ?? new Error('one request too many');
    if (answer instanceof Error) throw answer;
    const [status, content, more] = answer;
    return new Response(content === undefined ? 'no JSON' : JSON.stringify(content), {
      status,
      headers: more,
    });
  };
  const protocol = createProtocol({
    ...{ base: 'http://here/sync/v1', address: 'https://shop.example/sync/v1', send },
    vault: { session: async () => session, keep: async (values: object) => Object.assign(session, values) },
    ...{ nextId: createIds(), now: () => 1_000 },
  });
  return { protocol, session, seen, Refusal };
}

const refusal = (status: number, code: string, headers = {}): Answer => [status, { code }, headers];
const entered: Answer[] = [
  [201, { challenge: 'c1' }],
  [201, { token: 'new' }, { 'DPoP-Nonce': 'n9' }],
];

describe('till: protocol', () => {
  it('proves the request to the address that the server goes by, and keeps the nonce of each answer', async () => {
    const { protocol, seen, session } = await tillAt([[200, { results: [] }, { 'DPoP-Nonce': 'n1' }]]);
    await protocol.push({ operations: [] });
    const [{ claims, authorization, path }] = seen as [Seen];
    assert.deepEqual([path, authorization], ['/push', 'DPoP old']);
    assert.deepEqual(
      [claims.htm, claims.htu, claims.nonce, claims.iat],
      ['POST', 'https://shop.example/sync/v1/push', 'n0', 1],
    );
    assert.ok(claims.ath && claims.bh && claims.jti);
    assert.equal(session.nonce, 'n1');
  });

  it('leaves the query out of the proof', async () => {
    const { protocol, seen } = await tillAt([[200, { changes: [] }]]);
    await protocol.pull('a b', 500);
    assert.equal(seen[0]!.path, '/pull?cursor=a+b&limit=500');
    assert.equal(seen[0]!.claims.htu, 'https://shop.example/sync/v1/pull');
    assert.equal(seen[0]!.claims.bh, undefined);
  });

  it('takes a new nonce once, with another proof', async () => {
    const again = refusal(401, 'use_dpop_nonce', { 'DPoP-Nonce': 'n1' });
    const { protocol, seen } = await tillAt([again, [200, { results: [] }]]);
    await protocol.push({ operations: [] });
    assert.deepEqual(
      seen.map(({ claims }) => claims.nonce),
      ['n0', 'n1'],
    );
    assert.notEqual(seen[0]!.claims.jti, seen[1]!.claims.jti);
    const stubborn = await tillAt([again, again, ...entered, again, again]);
    await assert.rejects(stubborn.protocol.push({ operations: [] }), { code: 'use_dpop_nonce' });
  });

  for (const [status, code] of [
    [401, 'token-expired'],
    [401, 'till-token-refused'],
    [403, 'operation-refused'],
  ] as const) {
    it(`answers a new challenge at ${code}, and repeats the request once with the same body`, async () => {
      const { protocol, seen, session } = await tillAt([
        refusal(status, code),
        ...entered,
        [200, { results: [] }],
      ]);
      await protocol.push({ operations: [{ id: 'x' }] });
      assert.deepEqual(
        seen.map(({ path, authorization, claims }) => [path, authorization, claims.nonce]),
        [
          ['/push', 'DPoP old', 'n0'],
          ['/challenges', undefined, 'n0'],
          ['/tokens', undefined, 'c1'],
          ['/push', 'DPoP new', 'n9'],
        ],
      );
      assert.deepEqual(seen[2]!.body, { deviceId: 'device', challenge: 'c1' });
      assert.deepEqual(seen[3]!.body, seen[0]!.body);
      assert.equal(session.token, 'new');
    });
  }

  it('does not try a third time', async () => {
    const { protocol } = await tillAt([
      refusal(401, 'token-expired'),
      ...entered,
      refusal(401, 'token-expired'),
    ]);
    await assert.rejects(protocol.push({ operations: [] }), { code: 'token-expired', isPassing: false });
  });

  it('gets its first token by itself', async () => {
    const { protocol, seen } = await tillAt([...entered, [200, { results: [] }]], {});
    await protocol.push({ operations: [] });
    assert.deepEqual(
      seen.map(({ path }) => path),
      ['/challenges', '/tokens', '/push'],
    );
  });

  it('says that the till was revoked, at a request and at a new token', async () => {
    const told = await tillAt([refusal(403, 'device-revoked')]);
    await assert.rejects(told.protocol.pull(undefined, 1), { code: 'device-revoked' });
    const later = await tillAt([refusal(401, 'token-expired'), entered[0]!, refusal(403, 'device-revoked')]);
    await assert.rejects(later.protocol.pull(undefined, 1), { code: 'device-revoked' });
  });

  it('tells no answer from one that is none, and how long to wait', async () => {
    const silent = await tillAt([new TypeError('network')]);
    await assert.rejects(silent.protocol.pull(undefined, 1), { code: 'offline', status: 0, isPassing: true });
    const busy = await tillAt([refusal(503, 'busy', { 'Retry-After': '7' })]);
    await assert.rejects(busy.protocol.pull(undefined, 1), {
      code: 'busy',
      retryAfterMs: 7_000,
      isPassing: true,
    });
    // A captive portal's page, with a status that looks like success.
    const portal = await tillAt([[200]]);
    await assert.rejects(portal.protocol.pull(undefined, 1), { code: 'internal' });
  });

  it('reads the result in the refusal of a batch of one', async () => {
    const results = [{ id: 'x', status: 'mismatch' }];
    const { protocol } = await tillAt([[422, { code: 'operation-mismatch', results }]]);
    assert.deepEqual((await protocol.push({ operations: [{ id: 'x' }] })).results, results);
  });
});
