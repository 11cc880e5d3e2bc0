import { createHash, randomBytes } from 'node:crypto';

/** How long a one-time link works. */
const MINUTES = 5;

/** What the database keeps of a code: `app.open_support_session()` looks the row up by it. */
export const supportCodeDigest = (code: string): string => createHash('sha256').update(code).digest('hex');

/** 256 random bits for one way in, and what the database keeps of them. */
export function newSupportCode(now: Date) {
  const code = randomBytes(32).toString('base64url');
  const codeEndsAt = new Date(now.getTime() + MINUTES * 60_000);
  return { code, row: { codeDigest: supportCodeDigest(code), codeEndsAt } };
}
