import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyFile } from '../../scripts/audit/verify-file.ts';
import { loadSecrets, rotated, saveSecrets } from '../../scripts/secrets.ts';
import { appendAnchor, digestOf, lineOf } from '../../server/audit/anchors/anchor-files.ts';
import { seal } from '../../server/audit/envelope.ts';
import { auditSigner } from '../../server/audit/signing.ts';
import { scriptConfig } from '../../server/config.ts';

describe('npm run audit:verify <file>', () => {
  let home: string;
  const script = () => scriptConfig({ BULKHEAD_HOME: home });
  const signer = () => auditSigner(Buffer.from(loadSecrets(home).auditKey, 'base64url'));
  const write = (content: string): string => {
    const file = join(home, 'file');
    writeFileSync(file, content);
    return file;
  };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'bulkhead-verify-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const said = async (file: string) => {
    const { sound, report, lines } = await verifyFile(file, script());
    assert.equal(sound, false);
    return [(report as { fault: string }).fault, lines[0]!.split(':')[0]];
  };

  it('believes a certificate that this installation has signed, and no other', async () => {
    const certificate = seal({ kind: 'certificate', version: '1' }, signer());
    assert.equal((await verifyFile(write(JSON.stringify(certificate, null, 2)), script())).sound, true);
    const changed = { ...certificate, payload: certificate.payload.replace('"1"', '"2"') };
    assert.deepEqual(await said(write(JSON.stringify(changed))), [
      'changed',
      'It was changed after it was signed',
    ]);
    const swapped = { ...certificate, signature: seal({ kind: 'other' }, signer()).signature };
    assert.deepEqual(await said(write(JSON.stringify(swapped))), [
      'changed',
      'It was changed after it was signed',
    ]);
    const stranger = auditSigner(randomBytes(32));
    const file = write(JSON.stringify(seal({ kind: 'certificate' }, stranger)));
    assert.deepEqual(await said(file), ['unknown-key', 'It is signed by a key that is not known']);
    // As a partner does, with the keys that the portal publishes.
    const published = JSON.stringify({ keys: [{ kid: stranger.keyId, x: stranger.publicKey }] });
    assert.equal((await verifyFile(file, script(), published)).sound, true);
  });

  it('still believes what was signed before the keys were rotated', async () => {
    const file = write(JSON.stringify(seal({ kind: 'certificate' }, signer())));
    const before = signer().keyId;
    for (let times = 0; times < 3; times++) saveSecrets(home, rotated(home));
    assert.notEqual(signer().keyId, before);
    assert.equal((await verifyFile(file, script())).sound, true);
  });

  it('reads a file of anchors line by line', async () => {
    let previous: string | null = null;
    for (const n of [1, 2, 3]) {
      const line = lineOf(seal({ kind: 'anchor', n, at: '2026-05-01', previous, heads: [] }, signer()));
      previous = digestOf(line);
      await appendAnchor(home, '2026-05', line);
    }
    const file = join(home, '2026-05.jsonl');
    assert.deepEqual(await verifyFile(file, script()), {
      ...{ sound: true, report: { ok: true, lines: 3, faults: [] }, lines: ['3 anchors read.'] },
    });
    const last = seal({ kind: 'anchor', n: 4, at: '2026-05-01', previous, heads: [] }, signer());
    const bad = [
      'no line',
      lineOf({ ...last, payload: last.payload.replace('05-01', '05-02') }),
      lineOf(seal({ kind: 'anchor' }, auditSigner(randomBytes(32)))),
      lineOf(seal({ kind: 'certificate' }, signer())),
    ];
    for (const line of bad) await appendAnchor(home, '2026-05', line);
    const { sound, lines } = await verifyFile(file, script());
    assert.deepEqual(
      [sound, ...lines],
      [
        false,
        'line 4: is no signed line',
        'line 5: was changed after it was signed',
        'line 6: was signed by a key that is not known',
        'line 7: is signed, and is no anchor',
        '3 anchors read.',
      ],
    );
  });

  it('says of anything else that it is none of these', async () => {
    for (const content of ['', 'text', '{}', '[1]', '{"payload":1}\n'])
      await assert.rejects(verifyFile(write(content), script()), /is no certificate and no file of anchors/);
  });
});
