import { SignJWT } from 'jose';
import { type Direct, sql } from '../db/direct.ts';
import { notFound } from '../errors.ts';
import type { LeaseAnswer } from './sync.answers.ts';

interface SigningKey {
  readonly kid: string;
  readonly key: Uint8Array;
}

interface LeaseRow {
  readonly id: string;
  readonly granted: number;
  readonly used: number;
  readonly returned: number;
  readonly expires_at: string;
}

/**
 * As many redemptions as `count` to go offline with, as far as the month has them; asked again, no more than that.
 * @throws LimitReachedError when there is none at all.
 */
export async function issueLease(
  direct: Direct,
  count: number,
  keys: readonly SigningKey[],
): Promise<LeaseAnswer> {
  const [row] = await direct.rows<LeaseRow>(
    sql`select id, granted, used, returned, expires_at from app.issue_lease(${count}::integer)`,
  );
  const { id: leaseId, granted, used, expires_at: expiresAt } = row!;
  const lease = { leaseId, count: granted - used, granted, used, expiresAt };
  return { ...lease, signature: await sign(lease, direct.scope.actor.id, keys[0]!) };
}

/** So that a till can show what it was allowed. What counts is the lease's row. */
const sign = (lease: Omit<LeaseAnswer, 'signature'>, deviceId: string, { kid, key }: SigningKey) =>
  new SignJWT({ ...lease })
    .setProtectedHeader({ alg: 'HS256', kid, typ: 'lease+jwt' })
    .setSubject(deviceId)
    .sign(key);

/** Gives back what a lease has not used. Once: asked again, the same answer. @throws AppError 404 */
export async function settleLease({ rows }: Direct, leaseId: string) {
  const [row] = await rows<LeaseRow>(
    sql`select id, granted, used, returned, expires_at from app.settle_lease(${leaseId}::uuid)`,
  );
  if (!row) throw notFound();
  const { granted, used, returned } = row;
  return { leaseId, granted, used, returned };
}
