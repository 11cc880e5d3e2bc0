import { createHash } from 'node:crypto';

/** A chain's name: a market's id, or this for the platform's. */
export const PLATFORM = 'platform';

/** What every chain begins with, so that no link of one fits into another. */
export function genesis(chain: string): Buffer {
  return createHash('sha256').update(`bulkhead-audit-1:${chain}`).digest();
}

/**
 * The hash of a link: over the one before it, and over its place and every column of its entry as text. The database
 * says the same in `app.audit_digest()`; here it is said again, so that a changed function is found like a changed row.
 */
export function linkHash(previous: Buffer, fields: readonly (string | null)[]): Buffer {
  const text = fields.map((field) => (field === null ? '-' : `${Buffer.byteLength(field)}:${field}`));
  return createHash('sha256').update(previous).update(text.join(',')).digest();
}
