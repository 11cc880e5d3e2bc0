import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Who checks: a key of the installation as it is published, 32 bytes in base64url. */
export interface AuditPublicKey {
  readonly keyId: string;
  readonly publicKey: string;
}

/** Who signs: anchors of the audit trail and certificates. The admin process alone holds one. */
export interface AuditSigner extends AuditPublicKey {
  /** @returns the Ed25519 signature of these very bytes, in base64url. */
  sign(payload: Buffer): string;
}

// What DER puts in front of the 32 bytes of an Ed25519 key (RFC 8410): node:crypto takes no bare ones.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const BARE = 32;

/** A signer from the 32 secret bytes. Its key id is a digest of the public half, so that nobody can choose it. */
export function auditSigner(secret: Buffer): AuditSigner {
  if (secret.length !== BARE) throw new RangeError('a signing key has 32 bytes');
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const bare = spki.subarray(SPKI.length);
  return {
    keyId: keyIdOf(bare),
    publicKey: bare.toString('base64url'),
    sign: (payload) => sign(null, payload, privateKey).toString('base64url'),
  };
}

/** @returns whether one of these keys, the one that is named, made this signature of these very bytes. */
export function verifyAudit(
  payload: Buffer,
  signature: string,
  keyId: string,
  keys: readonly AuditPublicKey[],
): boolean {
  const key = keys.find((candidate) => candidate.keyId === keyId);
  return key !== undefined && verify(null, payload, toKey(key), Buffer.from(signature, 'base64url'));
}

/** Published keys from `key[,key…]`; the key ids are computed, not believed. @throws RangeError */
export function readPublicKeys(text: string): AuditPublicKey[] {
  return text.split(',').map((entry) => {
    const bare = Buffer.from(entry.trim(), 'base64url');
    if (bare.length !== BARE) throw new RangeError('a public key has 32 bytes');
    return { keyId: keyIdOf(bare), publicKey: bare.toString('base64url') };
  });
}

const keyIdOf = (bare: Buffer) => `audit-${createHash('sha256').update(bare).digest('hex').slice(0, 16)}`;

const toKey = ({ publicKey }: AuditPublicKey): KeyObject =>
  createPublicKey({
    key: Buffer.concat([SPKI, Buffer.from(publicKey, 'base64url')]),
    ...{ format: 'der', type: 'spki' },
  });
