import { readFileSync } from 'node:fs';
import { isFault, readAnchors } from '../../server/audit/anchors/anchor-files.ts';
import { type Opened, openEnvelope, readJson, type SealFault } from '../../server/audit/envelope.ts';
import { type AuditPublicKey, readPublicKeys } from '../../server/audit/signing.ts';
import { BootError } from '../../server/boot-error.ts';
import { requireSecrets, type Script } from '../database.ts';
import { auditKeys } from '../portal.env.ts';
import { loadSecrets } from '../secrets.ts';
import type { Verdict } from './verify-installation.ts';

/**
 * Verifies a file by itself: a certificate or another signed statement, or a file of anchors. `published` is the text of `/.well-known/bulkhead-audit.json`; without it this installation's keys count.
 * @throws BootError when it is none of these
 */
export async function verifyFile(file: string, script: Script, published?: string): Promise<Verdict> {
  const keys = published ? readPublished(published) : ownKeys(script);
  const text = readFileSync(file, 'utf8');
  const whole = readJson(text);
  if (isSigned(whole)) return signedVerdict(openEnvelope(whole, keys));
  const first = readJson(text.slice(0, text.indexOf('\n')));
  if (isSigned(first)) return anchorVerdict(file, keys);
  throw new BootError(`${file} is no certificate and no file of anchors.`);
}

const isSigned = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'payload' in value && 'signature' in value;

const FAULTS: Readonly<Record<SealFault, string>> = {
  unsigned: 'This is not signed.',
  'unknown-key': 'It is signed by a key that is not known: have you the keys of the right installation?',
  changed: 'It was changed after it was signed: its key is known, and the signature does not fit.',
};

function signedVerdict(opened: Opened): Verdict {
  if ('fault' in opened) {
    const { fault } = opened;
    return { sound: false, report: { ok: false, fault, statement: null }, lines: [FAULTS[fault]] };
  }
  return { sound: true, report: { ok: true, ...opened }, lines: ['The signature is good.'] };
}

async function anchorVerdict(file: string, keys: readonly AuditPublicKey[]): Promise<Verdict> {
  const [faults, count] = [[] as string[], { lines: 0 }];
  for await (const read of readAnchors([file], keys)) {
    if (isFault(read)) faults.push(`line ${read.line}: ${read.words}`);
    else count.lines++;
  }
  const sound = faults.length === 0;
  return {
    sound,
    report: { ok: sound, ...count, faults },
    lines: [...faults, `${count.lines} anchors read.`],
  };
}

function ownKeys(script: Script): AuditPublicKey[] {
  requireSecrets(script);
  return readPublicKeys(auditKeys(loadSecrets(script.home)).join(','));
}

function readPublished(text: string): AuditPublicKey[] {
  const { keys } = (readJson(text) ?? {}) as { keys?: { x?: unknown }[] };
  if (!Array.isArray(keys))
    throw new BootError('The file of keys is not what /.well-known/bulkhead-audit.json says.');
  return readPublicKeys(keys.map(({ x }) => String(x)).join(','));
}
