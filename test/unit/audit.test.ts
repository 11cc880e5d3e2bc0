import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { storeAnchor } from '../../server/audit/anchors/object-lock.ts';
import { createBudget } from '../../server/audit/budget.ts';
import { changesOf, MASK } from '../../server/audit/changes.ts';
import { seal, unseal } from '../../server/audit/envelope.ts';
import { auditSigner, readPublicKeys, verifyAudit } from '../../server/audit/signing.ts';

describe('signatures of the audit trail', () => {
  // RFC 8032, section 7.1, test 2.
  const secret = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
  const publicKey = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
  const signature =
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';

  it('are Ed25519 as the standard says', () => {
    const signer = auditSigner(secret);
    assert.equal(Buffer.from(signer.publicKey, 'base64url').toString('hex'), publicKey);
    assert.equal(Buffer.from(signer.sign(Buffer.from([0x72])), 'base64url').toString('hex'), signature);
  });

  it('hold for these very bytes, by the key that is named', () => {
    const [signer, other] = [auditSigner(secret), auditSigner(randomBytes(32))];
    const payload = Buffer.from('payload');
    const signed = signer.sign(payload);
    assert.ok(verifyAudit(payload, signed, signer.keyId, [other, signer]));
    assert.ok(!verifyAudit(Buffer.from('payload '), signed, signer.keyId, [signer]));
    assert.ok(!verifyAudit(payload, signed, other.keyId, [other, signer]));
    assert.ok(!verifyAudit(payload, signed, signer.keyId, [other]));
    assert.ok(!verifyAudit(payload, '', signer.keyId, [signer]));
    assert.deepEqual(readPublicKeys(signer.publicKey), [
      { keyId: signer.keyId, publicKey: signer.publicKey },
    ]);
    assert.throws(() => readPublicKeys('short'), RangeError);
  });

  it('seal statements that open with the key alone', () => {
    const signer = auditSigner(secret);
    const sealed = seal({ kind: 'anchor', n: 1 }, signer);
    assert.deepEqual(unseal(sealed, [signer]), { kind: 'anchor', n: 1 });
    assert.equal(unseal({ ...sealed, payload: sealed.payload.replace('1', '2') }, [signer]), null);
    for (const none of [null, 1, 'text', [], {}, { payload: 1 }]) assert.equal(unseal(none, [signer]), null);
  });
});

describe('changes in an entry', () => {
  it('are the fields that differ, before and after', () => {
    const at = new Date('2026-05-01T09:00:00Z');
    assert.deepEqual(changesOf({ a: 1, b: 'x', c: at, d: [1] }, { a: 2, b: 'x', c: new Date(at), d: [2] }), {
      a: { before: 1, after: 2 },
      d: { before: [1], after: [2] },
    });
    assert.deepEqual(changesOf(null, { a: 1n }), { a: { after: '1' } });
    assert.deepEqual(changesOf({ a: 1 }, null), { a: { before: 1 } });
    assert.deepEqual(changesOf({ a: 1, b: 2 }, { a: 1 }), null);
    assert.deepEqual(changesOf(undefined, undefined), null);
    assert.deepEqual(changesOf({ a: null }, { a: 1 }), { a: { before: null, after: 1 } });
  });

  it('never hold a secret', () => {
    const changes = changesOf(
      { passwordHash: 'old', invitationDigest: null, settings: { apiToken: 'x', name: 'n' } },
      { passwordHash: 'new', invitationDigest: 'd', settings: { apiToken: 'y', name: 'm' } },
    );
    assert.deepEqual(changes, {
      passwordHash: { before: MASK, after: MASK },
      invitationDigest: { before: null, after: MASK },
      settings: { before: { apiToken: MASK, name: 'n' }, after: { apiToken: MASK, name: 'm' } },
    });
  });

  it('are bounded', () => {
    const changes = changesOf(null, { text: 'x'.repeat(10_000), list: Array(5_000).fill('y') });
    assert.ok(JSON.stringify(changes).length < 10_000);
  });
});

describe('what may be written of refusals', () => {
  it('is so much an hour and kind; the rest is counted and told once', () => {
    let now = 0;
    const told: number[] = [];
    const budget = createBudget({ clock: () => new Date(now), perHour: 3 });
    const take = (key: string) => budget.take(key, (more) => told.push(more));
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => take('a')),
      [true, true, true, false, false],
    );
    assert.equal(take('b'), true);
    now = 3_600_001;
    assert.equal(take('a'), true);
    assert.deepEqual(told, [2]);
    take('a');
    take('a');
    take('a');
    budget.close();
    assert.deepEqual(told, [2, 1]);
  });

  it('keeps no more kinds in mind than it must', () => {
    const budget = createBudget({ clock: () => new Date(0), perHour: 1 });
    let written = 0;
    for (let key = 0; key < 10_000; key++) if (budget.take(`key ${key}`, () => {})) written++;
    assert.ok(written <= 2_001, String(written));
    budget.close();
  });
});

describe('copies of anchors in an object store', () => {
  interface Put {
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }
  const store = {
    bucket: 'anchors',
    region: 'eu-west-1',
    keyId: 'AKIATEST',
    secret: 'the secret',
    lockDays: 30,
  };

  /** A store that answers as it is told, once each, and believes a signature as S3 does. */
  async function withStore(
    answers: number[],
    work: (url: string, puts: Put[]) => Promise<void>,
  ): Promise<void> {
    const puts: Put[] = [];
    const server = createServer(async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      const put = { method: req.method, url: req.url, headers: req.headers, body };
      puts.push(put);
      res.writeHead(isSigned(put) ? (answers.shift() ?? 200) : 403).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, puts);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const hex = (text: string) => createHash('sha256').update(text).digest('hex');

  /** The signature computed once more, from what arrived. */
  function isSigned({ method, url, headers, body }: Put): boolean {
    const given =
      /Credential=([^/]+)\/(\d+)\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)/.exec(
        headers.authorization ?? '',
      );
    if (!given || headers['x-amz-content-sha256'] !== hex(body)) return false;
    const [, keyId, day, region, names, signature] = given;
    const lines = names!.split(';').map((name) => `${name}:${headers[name]}`);
    const canonical = [method, url, '', ...lines, '', names, hex(body)].join('\n');
    const scope = `${day}/${region}/s3/aws4_request`;
    const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hex(canonical)].join('\n');
    let key: Buffer | string = `AWS4${store.secret}`;
    for (const part of [day!, region!, 's3', 'aws4_request'])
      key = createHmac('sha256', key).update(part).digest();
    return keyId === store.keyId && createHmac('sha256', key).update(toSign).digest('hex') === signature;
  }

  const now = new Date('2026-05-01T09:00:00.000Z');

  it('are signed, and locked for as long as the setting says', () =>
    withStore([], async (url, puts) => {
      await storeAnchor({ ...store, url }, 'anchors/000000000001.json', '{"n":1}', now);
      const [put] = puts;
      assert.deepEqual([put!.method, put!.url], ['PUT', '/anchors/anchors/000000000001.json']);
      assert.equal(put!.headers['x-amz-object-lock-mode'], 'COMPLIANCE');
      assert.equal(put!.headers['x-amz-object-lock-retain-until-date'], '2026-05-31T09:00:00.000Z');
      assert.equal(put!.headers['content-md5'], createHash('md5').update('{"n":1}').digest('base64'));
      assert.equal(put!.body, '{"n":1}');
    }));

  it('are tried again, and told when they are refused', () =>
    withStore([500, 503], async (url, puts) => {
      await storeAnchor({ ...store, url }, 'anchors/2.json', '{}', now);
      assert.equal(puts.length, 3);
      const wrong = { ...store, url, secret: 'another' };
      await assert.rejects(storeAnchor(wrong, 'anchors/3.json', '{}', now), /answered 403/);
    }));
});
