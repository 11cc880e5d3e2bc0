import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { conflict, invalid } from '../errors.ts';
import { missing } from './completeness.ts';
import { stateOf, verbsOf } from './offer-state.ts';
import { findOffer, type OfferDetail } from './offers.queries.ts';
import { after } from './version.ts';

/**
 * Hands a draft or a rejected offer to moderation.
 * @throws AppError 404; 409 `offer-state` or `plan-limit`; 422 naming each field that is still missing.
 */
export async function submitOffer(db: ScopedClient, id: string, now: Date): Promise<void> {
  await db.$transaction((tx) => submitIn(tx, id, now));
}

/**
 * The same, as part of a transaction, and best as its last write: from here on it holds the counter of live offers, which
 * the market's other submissions wait for.
 */
export async function submitIn(tx: ScopedClient, id: string, now: Date): Promise<void> {
  const offer = await findOffer(tx, id);
  if (!verbsOf(offer, now).submit) throw wrongState(offer, now);
  const errors = missing(offer, now);
  if (Object.keys(errors).length > 0) throw invalid(errors, 'offer-incomplete');
  const submission = offer.submission + 1;
  await write(tx, offer, now, { submission, isSubmitted: true, submittedAt: now });
  await recordAudit(tx, {
    action: 'offer.submit',
    subjectType: 'offer',
    subjectId: id,
    details: { submission },
    before: { submission: offer.submission, isSubmitted: offer.isSubmitted },
    after: { submission, isSubmitted: true },
  });
}

/** Takes an offer back from moderation. @throws AppError 404, 409 */
export async function withdrawOffer(db: ScopedClient, id: string, now: Date): Promise<void> {
  await db.$transaction(async (tx) => {
    const offer = await findOffer(tx, id);
    if (!verbsOf(offer, now).withdraw) throw wrongState(offer, now);
    await write(tx, offer, now, { isSubmitted: false });
    await recordAudit(tx, {
      ...{ action: 'offer.withdraw', subjectType: 'offer', subjectId: id },
      ...{ before: { isSubmitted: true }, after: { isSubmitted: false } },
    });
  });
}

/** Ends an offer for good: it is read-only from then on. @throws AppError 404, 409 */
export async function endOffer(db: ScopedClient, id: string, now: Date): Promise<void> {
  await db.$transaction(async (tx) => {
    const offer = await findOffer(tx, id);
    if (!verbsOf(offer, now).end) throw wrongState(offer, now);
    await write(tx, offer, now, { endedAt: now, isSubmitted: false });
    await recordAudit(tx, {
      action: 'offer.end',
      subjectType: 'offer',
      subjectId: id,
      details: { from: offer.state },
      ...{ before: { endedAt: offer.endedAt }, after: { endedAt: now } },
    });
  });
}

/** 409 that names the state that forbids the verb. */
export const wrongState = (offer: OfferDetail, now: Date) =>
  conflict('offer-state', { state: stateOf(offer, now) });

/** Writes what changes, unless somebody else wrote since: staff decide while partners edit. */
async function write(
  tx: ScopedClient,
  offer: OfferDetail,
  now: Date,
  data: { submission?: number; isSubmitted?: boolean; submittedAt?: Date; endedAt?: Date },
): Promise<void> {
  const { count } = await tx.offer.updateMany({
    where: { id: offer.id, updatedAt: offer.updatedAt, state: offer.state },
    data: { ...data, updatedAt: after(offer.updatedAt, now) },
  });
  if (count === 0) throw conflict('changed-meanwhile');
}
