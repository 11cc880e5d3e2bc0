import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { type Direct, sql } from '../db/direct.ts';
import { unauthorized } from '../errors.ts';
import { SHOPPER_DAYS } from './shopper-tokens.ts';
import { findByAddress, type StaffShopper } from './shoppers.queries.ts';

export interface OpenedSession {
  readonly id: string;
  readonly expiresAt: Date;
}

/** Opens a session of the scope's own shopper, who has just proved their address. */
export async function openSession(db: ScopedClient, now: Date, isNew: boolean): Promise<OpenedSession> {
  const id = uuid();
  const expiresAt = new Date(now.getTime() + SHOPPER_DAYS * 86_400_000);
  const shopperId = db.scope.actor.id;
  await db.$transaction(async (tx) => {
    await tx.shopperSession.createMany({ data: [{ id, shopperId, createdAt: now, expiresAt }] });
    if (isNew)
      await recordAudit(tx, { action: 'shopper.create', subjectType: 'shopper', subjectId: shopperId });
    await recordAudit(tx, { action: 'session.sign-in', subjectType: 'session', subjectId: id });
  });
  return { id, expiresAt };
}

/** From then on no request with its token gets in. */
export async function endSession(db: ScopedClient, id: string, now: Date): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.shopperSession.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: now },
    });
    if (count > 0)
      await recordAudit(tx, { action: 'session.sign-out', subjectType: 'session', subjectId: id });
  });
}

/** Language, and whether the market may write to them. Opting in again keeps the first instant. */
export async function updateShopper(
  db: ScopedClient,
  { locale, optedIn }: { locale?: 'en' | 'ar'; optedIn?: boolean },
  now: Date,
): Promise<void> {
  const shopperId = db.scope.actor.id;
  await db.$transaction(async (tx) => {
    const audit = (action: string) =>
      recordAudit(tx, { action, subjectType: 'shopper', subjectId: shopperId });
    if (locale) {
      await tx.shopper.updateMany({ where: { id: shopperId }, data: { locale } });
      await audit('shopper.update');
    }
    if (optedIn === undefined) return;
    const { count } = await tx.shopperContact.updateMany({
      where: { shopperId, optedInAt: optedIn ? null : { not: null } },
      data: { optedInAt: optedIn ? now : null },
    });
    if (count > 0) await audit(optedIn ? 'shopper.opt-in' : 'shopper.opt-out');
  });
}

/** A claim on its way holds the shopper's row, or the offer's counter, for a moment; then it is over or refused. */
const AGAIN = new Set(['23503', '40P01']);
const MOST_TRIES = 5;

/**
 * Deletes the scope's own shopper with all that says who it was, and notes that it happened, in one statement: by
 * then the scope has no rows left that it could write a note about later.
 * @throws AppError 401 when there was nobody to delete any more.
 */
export async function eraseShopper({ scope, rows }: Direct): Promise<void> {
  const { marketId, actor, receipt } = scope;
  for (let tries = 1; ; tries++) {
    try {
      const [gone] = await rows<{ erased: boolean }>(sql`
        with gone as materialized (select app.erase_shopper() as erased), noted as (
          insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id,
            details, receipt)
          select ${marketId}::uuid, ${uuid()}::uuid, 'public', 'shopper', ${actor.id}::uuid, ${actor.name}, 'shopper.delete',
            'shopper', ${actor.id}, '{}', ${receipt}
          from gone where erased
        )
        select erased from gone`);
      if (gone?.erased) return;
      throw unauthorized('token-refused');
    } catch (error) {
      if (tries >= MOST_TRIES || !AGAIN.has(String((error as { code?: unknown }).code))) throw error;
    }
  }
}

/**
 * The shopper of a market with this very address, for staff who were written to by them. That it was looked for is
 * written down in the market's trail, whether somebody was found or not, and without the address.
 */
export function lookUpShopper(
  db: ScopedClient,
  marketId: string,
  email: string,
): Promise<StaffShopper | null> {
  return db.$transaction(async (tx) => {
    const found = await findByAddress(tx, marketId, email);
    await recordAudit(tx, {
      ...{ action: 'shopper.lookup', subjectType: 'shopper', subjectId: found?.id ?? null, marketId },
      details: { found: found ? 1 : 0 },
    });
    return found;
  });
}
