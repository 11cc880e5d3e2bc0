import { z } from 'zod';
import { type AuditPublicKey, type AuditSigner, verifyAudit } from './signing.ts';

/** A signed statement: the payload is text, because a signature is over bytes and not over what they mean. */
export interface Envelope {
  readonly payload: string;
  readonly keyId: string;
  readonly signature: string;
}

const text = z.string();
const envelope = z.object({ payload: text, keyId: text, signature: text });

/** Signs what is stated. */
export function seal(statement: object, signer: AuditSigner): Envelope {
  const payload = JSON.stringify(statement);
  return { payload, keyId: signer.keyId, signature: signer.sign(Buffer.from(payload)) };
}

/** @returns what one of these keys has signed; null when none has, or when it is no envelope at all. */
export function unseal(given: unknown, keys: readonly AuditPublicKey[]): unknown {
  const parsed = envelope.safeParse(given);
  if (!parsed.success) return null;
  const { payload, keyId, signature } = parsed.data;
  if (!verifyAudit(Buffer.from(payload), signature, keyId, keys)) return null;
  return readJson(payload);
}

/** @returns what the text says as JSON; null when it says nothing. */
export function readJson(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return null;
  }
}
