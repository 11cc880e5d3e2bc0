import { v7 as uuid } from 'uuid';
import { type AuditRecord, Hidden, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { type Direct, sql } from '../db/direct.ts';
import { invalid, unauthorized } from '../errors.ts';
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

export interface ShopperChange {
  readonly locale?: 'en' | 'ar' | undefined;
  readonly optedIn?: boolean | undefined;
  readonly phone?: string | null | undefined;
  readonly phoneOptedIn?: boolean | undefined;
}

/**
 * Language, number, and whether the market may write to them by either channel. Opting in again keeps the first instant.
 * @throws AppError 422 at `phone` when messages are wanted to a number that is not there.
 */
export async function updateShopper(db: ScopedClient, change: ShopperChange, now: Date): Promise<void> {
  const { locale, optedIn, phone, phoneOptedIn } = change;
  const shopperId = db.scope.actor.id;
  await db.$transaction(async (tx) => {
    const audit = (action: string, states: States, details = {}) =>
      recordAudit(tx, { action, subjectType: 'shopper', subjectId: shopperId, details, ...states });
    const auditOptIn = (wanted: boolean, channel: 'email' | 'whatsapp') =>
      audit(wanted ? 'shopper.opt-in' : 'shopper.opt-out', toggled(wanted), { channel });
    const known =
      locale && (await tx.shopper.findFirst({ where: { id: shopperId }, select: { locale: true } }));
    if (locale) await tx.shopper.updateMany({ where: { id: shopperId }, data: { locale } });
    const number = phone === undefined ? null : await storePhone(tx, shopperId, phone);
    if (locale || number)
      await audit('shopper.update', {
        before: { ...(known || {}), ...number?.before },
        after: { ...(locale ? { locale } : {}), ...number?.after },
      });
    if (optedIn !== undefined) {
      const { count } = await tx.shopperContact.updateMany(optIn(shopperId, optedIn, now));
      if (count > 0) await auditOptIn(optedIn, 'email');
    }
    if (phoneOptedIn === undefined) return;
    const { count } = await tx.shopperPhone.updateMany(optIn(shopperId, phoneOptedIn, now));
    if (count > 0) await auditOptIn(phoneOptedIn, 'whatsapp');
    else if (phoneOptedIn && (await tx.shopperPhone.count({ where: { shopperId } })) === 0)
      throw invalid({ phone: 'shoppers:phoneMissing' });
  });
}

type States = Pick<AuditRecord, 'before' | 'after'>;

const toggled = (optedIn: boolean): States => ({ before: { optedIn: !optedIn }, after: { optedIn } });

const optIn = (shopperId: string, wanted: boolean, now: Date) => ({
  where: { shopperId, optedInAt: wanted ? null : { not: null } },
  data: { optedInAt: wanted ? now : null },
});

/** Another number is another reader for all we know: it starts without an opt-in. @returns what the trail may say of it; null when it is the same. */
async function storePhone(
  tx: ScopedClient,
  shopperId: string,
  phone: string | null,
): Promise<{ before: object; after: object } | null> {
  const known = await tx.shopperPhone.findFirst({ where: { shopperId }, select: { phone: true } });
  if ((known?.phone ?? null) === phone) return null;
  if (phone === null) await tx.shopperPhone.deleteMany({ where: { shopperId } });
  else if (known)
    await tx.shopperPhone.updateMany({ where: { shopperId }, data: { phone, optedInAt: null } });
  else await tx.shopperPhone.createMany({ data: [{ shopperId, phone }] });
  return { before: { phone: new Hidden(known?.phone ?? null) }, after: { phone: new Hidden(phone) } };
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
