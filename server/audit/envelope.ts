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

/** Why something is not believed: nobody signed it, a key that we don't know did, or it is not what that key signed. */
export type SealFault = 'unsigned' | 'unknown-key' | 'changed';

/** What an envelope says, or why it is not believed. */
export type Opened = { readonly statement: unknown } | { readonly fault: SealFault };

/** Opens an envelope. */
export function openEnvelope(given: unknown, keys: readonly AuditPublicKey[]): Opened {
  const parsed = envelope.safeParse(given);
  if (!parsed.success) return { fault: 'unsigned' };
  const { payload, keyId, signature } = parsed.data;
  if (verifyAudit(Buffer.from(payload), signature, keyId, keys)) return { statement: readJson(payload) };
  return { fault: keys.some((key) => key.keyId === keyId) ? 'changed' : 'unknown-key' };
}

/** @returns what one of these keys has signed; null when none has, or when it is no envelope at all. */
export function unseal(given: unknown, keys: readonly AuditPublicKey[]): unknown {
  const opened = openEnvelope(given, keys);
  return 'fault' in opened ? null : opened.statement;
}

/** @returns what the text says as JSON; null when it says nothing. */
export function readJson(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return null;
  }
}
