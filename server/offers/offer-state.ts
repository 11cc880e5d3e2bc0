import type { Prisma } from '../db/types.ts';

/**
 * What people call an offer's state. The database's `live` means "approved as it stands"; whether it shows now
 * is a matter of its schedule, which is half-open: from `startsAt`, until but not including `endsAt`.
 */
export const offerStates = ['draft', 'submitted', 'live', 'scheduled', 'rejected', 'ended'] as const;
export type OfferState = (typeof offerStates)[number];

export interface Timed {
  readonly state: string;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
}

export function stateOf(offer: Timed, now: Date): OfferState {
  if (offer.state !== 'live') return offer.state as OfferState;
  if (offer.endsAt && offer.endsAt <= now) return 'ended';
  return offer.startsAt && offer.startsAt > now ? 'scheduled' : 'live';
}

/** The offers of one state, as a condition. */
export function whereState(state: OfferState, now: Date): Prisma.OfferWhereInput {
  const unended: Prisma.OfferWhereInput = { OR: [{ endsAt: null }, { endsAt: { gt: now } }] };
  switch (state) {
    case 'live':
      return { state: 'live', AND: [unended, { OR: [{ startsAt: null }, { startsAt: { lte: now } }] }] };
    case 'scheduled':
      return { state: 'live', startsAt: { gt: now }, AND: [unended] };
    case 'ended':
      return { OR: [{ state: 'ended' }, { state: 'live', endsAt: { lte: now } }] };
    default:
      return { state };
  }
}

/** What may be done to an offer next. A verb that is not here is a conflict, whoever asks. */
export interface OfferVerbs {
  readonly edit: boolean;
  readonly submit: boolean;
  readonly withdraw: boolean;
  readonly end: boolean;
  readonly delete: boolean;
}

/** An offer that was ever decided about stays, for the record: it can be ended, not deleted. */
export function verbsOf(offer: Timed & { readonly decision: string | null }, now: Date): OfferVerbs {
  const state = stateOf(offer, now);
  const isDraft = state === 'draft';
  const wasDecided = offer.decision !== null;
  return {
    edit: state !== 'ended',
    submit: isDraft || state === 'rejected',
    withdraw: state === 'submitted',
    end: state === 'live' || state === 'scheduled' || state === 'rejected' || (isDraft && wasDecided),
    delete: isDraft && !wasDecided,
  };
}
