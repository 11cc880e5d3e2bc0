import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { isCode, readCode } from '../../server/claims/claim-code.ts';
import { readCatalogue } from '../../server/i18n/i18n.ts';
import { messages, views } from '../../server/paths.ts';
import { tillModule } from '../support/till-modules.ts';

const NOW = Date.parse('2026-11-27T10:00:00Z');
const HOUR = 3_600_000;
const at = (ms: number) => new Date(NOW + ms).toISOString();

describe('till: what it says about a code', () => {
  const open = { state: 'open', expiresAt: at(HOUR) };
  const lease = { id: 'l', count: 5, used: 2, expiresAt: at(HOUR) };
  const spent = { ...lease, used: 5 };
  const over = { ...lease, expiresAt: at(-1) };
  const full = { use: 100, cap: 100 };
  const own = { redeemedAt: at(-HOUR) };

  const table: [string, object, object][] = [
    ['open', { claim: open }, { verdict: 'valid', usesLease: false }],
    ['open, never ends', { claim: { ...open, expiresAt: null } }, { verdict: 'valid', usesLease: false }],
    ['open, under a lease', { claim: open, lease }, { verdict: 'valid', usesLease: true }],
    ['open, lease used up', { claim: open, lease: spent }, { verdict: 'valid', usesLease: false }],
    ['open, lease over', { claim: open, lease: over }, { verdict: 'valid', usesLease: false }],
    ['open, plan full', { claim: open, quota: full }, { verdict: 'full' }],
    [
      'open, plan full, under a lease',
      { claim: open, quota: full, lease },
      { verdict: 'valid', usesLease: true },
    ],
    [
      'open, no limit',
      { claim: open, quota: { use: 900, cap: null } },
      { verdict: 'valid', usesLease: false },
    ],
    ['ends this very moment', { claim: { ...open, expiresAt: at(0) } }, { verdict: 'expired', at: at(0) }],
    ['cancelled', { claim: { ...open, state: 'cancelled' } }, { verdict: 'cancelled' }],
    [
      'redeemed elsewhere',
      { claim: { ...open, state: 'redeemed', redeemedAt: at(-5) } },
      { verdict: 'redeemed', at: at(-5), isOwn: false },
    ],
    ['redeemed here', { claim: open, own }, { verdict: 'redeemed', at: at(-HOUR), isOwn: true }],
    ['unknown code, redeemed here', { own }, { verdict: 'redeemed', at: at(-HOUR), isOwn: true }],
    ['unknown, online', { lease }, { verdict: 'unknown', usesLease: true }],
    ['unknown, offline, lease', { lease, isOnline: false }, { verdict: 'unconfirmed', usesLease: true }],
    ['unknown, offline, none', { isOnline: false }, { verdict: 'unknown-offline', usesLease: false }],
    [
      'unknown, offline, used up',
      { lease: spent, isOnline: false },
      { verdict: 'unknown-offline', usesLease: false },
    ],
  ];
  for (const [name, facts, expected] of table) {
    it(name, async () => {
      const { decide } = await tillModule('decide');
      assert.deepEqual(decide({ now: NOW, isOnline: true, ...facts }), expected);
    });
  }

  it('reads codes as the server does, whatever is typed', async () => {
    const till = await tillModule('code');
    const typed = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'0189AaIiLlOoUuZz-– \t٠٩۱۹&?=code'), maxLength: 20 }),
      fc.string().map((code) => `https://x.example/redemptions?code=${code}`),
    );
    fc.assert(
      fc.property(typed, (text) => {
        assert.equal(till.readCode(text), readCode(text));
        assert.equal(till.isCode(text), isCode(text));
      }),
    );
    assert.equal(till.readPairing('https://x.example/till#pair=ABCD-EFGH'), 'ABCD-EFGH');
    assert.equal(till.readPairing(' abcd-efgh '), 'abcd-efgh');
  });
});

describe('till: ids', () => {
  it('are UUIDv7s that only grow, however the clock jumps', async () => {
    const { createIds } = await tillModule('ids');
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5, max: 2 ** 44 }), { minLength: 2, maxLength: 200 }),
        (clock) => {
          let tick = 0;
          const next = createIds({ now: () => clock[tick++ % clock.length] });
          const ids = clock.map(() => next() as string);
          for (const id of ids)
            assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
          assert.deepEqual([...ids].sort(), ids);
          assert.equal(new Set(ids).size, ids.length);
        },
      ),
    );
  });

  it('go on through more ids than a millisecond has room for', async () => {
    const { createIds } = await tillModule('ids');
    const next = createIds({ now: () => NOW });
    const ids = Array.from({ length: 20_000 }, () => next() as string);
    assert.deepEqual([...ids].sort(), ids);
    assert.equal(Number.parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16), NOW);
  });
});

describe('till: waiting', () => {
  it('doubles, has a bound, is never shorter than asked, and is not the same for all', async () => {
    const { waitAfter } = await tillModule('backoff');
    const longest = (failures: number) => waitAfter(failures, { random: () => 1 });
    assert.deepEqual([1, 2, 3].map(longest), [2_000, 4_000, 8_000]);
    assert.equal(longest(1_000), 300_000);
    assert.equal(waitAfter(3, { random: () => 0 }), 4_000);
    assert.equal(waitAfter(1, { random: () => 0, retryAfterMs: 60_000 }), 60_000);
  });
});

describe('till: what time it is', () => {
  const clockAt = async () => {
    const { createClock } = await tillModule('clock');
    const device = { now: NOW, ticks: 0 };
    return { device, clock: createClock({ now: () => device.now, ticks: () => device.ticks }) };
  };

  it('comes from the server and a counter while the page lives, whatever the device’s clock does', async () => {
    const { device, clock } = await clockAt();
    const kept = clock.heard(at(5 * HOUR));
    assert.deepEqual(kept, { skew: 5 * HOUR, floor: NOW + 5 * HOUR });
    for (const wrong of [0, NOW * 20, NOW - 3 * HOUR]) {
      device.now = wrong;
      device.ticks += 1_000;
      assert.equal(clock.now(), NOW + 5 * HOUR + device.ticks);
    }
  });

  it('goes on from the difference after a cold start, and never back behind what is known', async () => {
    const { device, clock } = await clockAt();
    clock.resume({ skew: -2 * HOUR, floor: NOW - 3 * HOUR });
    assert.equal(clock.now(), NOW - 2 * HOUR);
    device.now = 0;
    assert.equal(clock.now(), NOW - 2 * HOUR);
  });

  it('is the device’s own as long as nobody said another', async () => {
    const { clock } = await clockAt();
    clock.resume(undefined);
    assert.equal(clock.now(), NOW);
    assert.deepEqual(clock.heard('nonsense'), { skew: 0, floor: NOW });
  });
});

describe('till: proofs', () => {
  it('are what RFC 9449 says, by a key that can’t be taken out', async () => {
    const { makeKeys, proofFor, publicJwk } = await tillModule('proof');
    const keys = await makeKeys();
    await assert.rejects(crypto.subtle.exportKey('jwk', keys.privateKey));
    const given = { method: 'POST', url: 'https://x.example/sync/v1/push', token: 'a.b.c', nonce: 'n' };
    const proof = await proofFor(keys, { ...given, body: '{"x":"é"}', now: NOW, id: 'id-12345' });
    const header = decodeProtectedHeader(proof);
    assert.deepEqual({ ...header, jwk: null }, { typ: 'dpop+jwt', alg: 'ES256', jwk: null });
    assert.deepEqual(Object.keys(header.jwk!).sort(), ['crv', 'kty', 'x', 'y']);
    const { payload } = await jwtVerify(proof, await importJWK(header.jwk!, 'ES256'));
    const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
    assert.deepEqual(payload, {
      ...{ jti: 'id-12345', htm: 'POST', htu: given.url, iat: NOW / 1_000, nonce: 'n' },
      ...{ ath: digest('a.b.c'), bh: digest('{"x":"é"}') },
    });
    assert.equal(
      await calculateJwkThumbprint(header.jwk!),
      await calculateJwkThumbprint(await publicJwk(keys)),
    );
  });

  it('say nothing of a token or a body where there is none', async () => {
    const { makeKeys, proofFor } = await tillModule('proof');
    const proof = await proofFor(await makeKeys(), {
      method: 'GET',
      url: 'https://x.example/',
      now: NOW,
      id: 'i',
    });
    const claims = JSON.parse(Buffer.from(proof.split('.')[1]!, 'base64url').toString());
    assert.deepEqual(Object.keys(claims).sort(), ['htm', 'htu', 'iat', 'jti']);
  });
});

describe('till: PIN', () => {
  it('is recognised, and nothing kept says it', async () => {
    const { isPin, keepPin, matchesPin } = await tillModule('pin');
    const kept = await keepPin('2580', 1_000);
    assert.equal(await matchesPin('2580', kept), true);
    assert.equal(await matchesPin('2581', kept), false);
    assert.notDeepEqual((await keepPin('2580', 1_000)).hash, kept.hash);
    assert.deepEqual(['123', '1234', '12345678', '123456789', '12a4', ''].map(isPin), [
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('makes guessing slow, whatever the clock says', async () => {
    const { pinWait } = await tillModule('pin');
    assert.equal(pinWait({ failures: 4, failedAt: NOW }, NOW), 0);
    assert.equal(pinWait({ failures: 5, failedAt: NOW }, NOW), 30_000);
    assert.equal(pinWait({ failures: 7, failedAt: NOW }, NOW + 60_000), 60_000);
    assert.equal(pinWait({ failures: 50, failedAt: NOW }, 0), 15 * 60_000);
    assert.equal(pinWait({ failures: 50, failedAt: NOW }, NOW + HOUR), 0);
  });
});

describe('till: words', () => {
  const folder = join(views, 'assets/till');
  const words = readCatalogue(messages, 'en').till as Record<string, unknown>;
  const found = (key: string) =>
    key.split('.').reduce<unknown>((group, name) => (group as Record<string, unknown>)?.[name], words);

  it('that screens ask for exist', () => {
    const missing = readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/\b(?:t|part)\('([\w.-]+)'/g)]
        .map(([, key]) => key!)
        .filter((key) => typeof (found(key) ?? found(`${key}_other`)) !== 'string')
        .map((key) => `${file}: ${key}`),
    );
    assert.deepEqual(missing, []);
  });
});
