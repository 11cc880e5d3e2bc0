import { v7 } from 'uuid';
import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { conflict, forbidden } from '../errors.ts';
import { findModerated } from './moderation.queries.ts';
import { snapshotOf } from './offer-content.ts';
import { stateOf } from './offer-state.ts';
import { after } from './version.ts';

export interface Verdict {
  readonly marketId: string;
  readonly offerId: string;
  /** Of the content that the operator saw: what counts is what was read. */
  readonly digest: string;
  readonly decision: 'approved' | 'rejected';
  /** Required to reject, at most 1000 characters; '' otherwise. */
  readonly reason: string;
}

/** Stored states that each decision may meet. Rejecting a live offer takes it down. */
const decidable = { approved: ['submitted'], rejected: ['submitted', 'live'] } as const;

/**
 * Decides about exactly the content with this digest: columns, snapshot and audit in one transaction.
 * @throws AppError 404; 403 for a scope of no operator; 409 `content-changed` when the partner wrote meanwhile,
 * `offer-state` when there is nothing to decide, `offer-over` when approving would come too late.
 */
export async function decideOffer(db: ScopedClient, verdict: Verdict, now: Date): Promise<void> {
  if (db.scope.actor.role !== 'operator') throw forbidden();
  await db.$transaction(async (tx) => {
    const { marketId, offerId, digest, decision, reason } = verdict;
    const offer = await findModerated(tx, marketId, offerId);
    if (offer.contentDigest !== digest) throw conflict('content-changed');
    const states: readonly string[] = decidable[decision];
    if (!states.includes(offer.state)) throw conflict('offer-state', { state: stateOf(offer, now) });
    if (decision === 'approved' && offer.endsAt && offer.endsAt <= now) throw conflict('offer-over');
    const { count } = await tx.offer.updateMany({
      where: { marketId, id: offerId, contentDigest: digest, state: offer.state },
      data: {
        ...{ decision, decisionDigest: digest, decisionReason: reason || null, decidedAt: now },
        updatedAt: after(offer.updatedAt, now),
      },
    });
    if (count === 0) throw conflict('content-changed');
    const content = snapshotOf(offer) as unknown as Prisma.InputJsonObject;
    const who = { decidedBy: tx.scope.actor.id, decidedAt: now };
    await tx.offerDecision.createMany({
      data: [{ marketId, id: v7(), offerId, decision, reason, contentDigest: digest, content, ...who }],
    });
    const action =
      decision === 'approved' ? 'offer.approve' : offer.state === 'live' ? 'offer.take-down' : 'offer.reject';
    const details = { digest, ...(reason ? { reason } : {}) };
    await recordAudit(tx, {
      ...{ action, subjectType: 'offer', subjectId: offerId, marketId, details },
      ...{ before: { state: offer.state }, after: { state: decision === 'approved' ? 'live' : 'rejected' } },
    });
  });
}
