import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { CHALLENGE_SECONDS } from './device-tokens.ts';

/**
 * Writes down that a token was issued for a challenge, once.
 * @returns false when the challenge was answered before, by whichever process.
 */
export function spendChallenge(db: ScopedClient, challengeId: string, now: Date): Promise<boolean> {
  const deviceId = db.scope.actor.id;
  return db.$transaction(async (tx) => {
    await tx.deviceSpentId.deleteMany({ where: { deviceId, expiresAt: { lt: now } } });
    // Beyond the challenge's own end, so that no difference of clocks brings it back.
    if (!(await spend(tx, challengeId, new Date(now.getTime() + 2 * CHALLENGE_SECONDS * 1_000))))
      return false;
    await recordAudit(tx, { action: 'device.token', subjectType: 'device', subjectId: deviceId });
    return true;
  });
}

/** Uses an id up for this till. @returns false when it was used already. */
export async function spend(db: ScopedClient, id: string, expiresAt: Date): Promise<boolean> {
  const data = [{ deviceId: db.scope.actor.id, id, expiresAt }];
  const { count } = await db.deviceSpentId.createMany({ data, skipDuplicates: true });
  return count === 1;
}

/** A revoked till knocked. The policy lets it say so about itself, and nothing else. */
export const recordRefusal = (db: ScopedClient): Promise<void> =>
  recordAudit(db, { action: 'device.refuse', subjectType: 'device', subjectId: db.scope.actor.id });
