import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { conflict, invalid } from '../errors.ts';
import { missing } from './completeness.ts';
import { stateOf, verbsOf, whereState } from './offer-state.ts';
import { findOffer, marketUnits, type OfferDetail } from './offers.queries.ts';
import { after, oneByOne, plain } from './transact.ts';

/**
 * Hands a draft or a rejected offer to moderation.
 * @throws AppError 404; 409 `offer-state` or `offers-limit`; 422 naming each field that is still missing.
 */
export async function submitOffer(db: ScopedClient, id: string, now: Date): Promise<void> {
  await oneByOne(db)((tx) => submitIn(tx, id, now));
}

/** The same, as part of a transaction of `oneByOne`: the plan's limit is counted in it. */
export async function submitIn(tx: ScopedClient, id: string, now: Date): Promise<void> {
  const offer = await findOffer(tx, id);
  if (!verbsOf(offer, now).submit) throw wrongState(offer, now);
  const errors = missing(offer, now);
  if (Object.keys(errors).length > 0) throw invalid(errors, 'offer-incomplete');
  await checkPlan(tx, now);
  const submission = offer.submission + 1;
  await write(tx, offer, now, { submission, isSubmitted: true, submittedAt: now });
  await recordAudit(tx, {
    action: 'offer.submit',
    subjectType: 'offer',
    subjectId: id,
    details: { submission },
  });
}

/** Takes an offer back from moderation. @throws AppError 404, 409 */
export async function withdrawOffer(db: ScopedClient, id: string, now: Date): Promise<void> {
  await plain(db)(async (tx) => {
    const offer = await findOffer(tx, id);
    if (!verbsOf(offer, now).withdraw) throw wrongState(offer, now);
    await write(tx, offer, now, { isSubmitted: false });
    await recordAudit(tx, { action: 'offer.withdraw', subjectType: 'offer', subjectId: id });
  });
}

/** Ends an offer for good: it is read-only from then on. @throws AppError 404, 409 */
export async function endOffer(db: ScopedClient, id: string, now: Date): Promise<void> {
  await plain(db)(async (tx) => {
    const offer = await findOffer(tx, id);
    if (!verbsOf(offer, now).end) throw wrongState(offer, now);
    await write(tx, offer, now, { endedAt: now, isSubmitted: false });
    await recordAudit(tx, {
      action: 'offer.end',
      subjectType: 'offer',
      subjectId: id,
      details: { from: offer.state },
    });
  });
}

/** 409 that names the state that forbids the verb. */
export const wrongState = (offer: OfferDetail, now: Date) =>
  conflict('offer-state', { state: stateOf(offer, now) });

/** Live offers and those that an approval would make live count against the plan. */
async function checkPlan(tx: ScopedClient, now: Date): Promise<void> {
  const { plan } = await marketUnits(tx);
  const counted = [whereState('live', now), whereState('scheduled', now), { state: 'submitted' }];
  const used = await tx.offer.count({ where: { OR: counted } });
  if (used >= plan.maxLiveOffers) {
    throw conflict('offers-limit', { limit: plan.maxLiveOffers });
  }
}

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
