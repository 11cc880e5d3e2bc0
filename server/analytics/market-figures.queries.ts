import type { ScopedClient } from '../db/client.ts';
import { before, lastDays } from './calendar.ts';
import { compareHalves, type DayCount, type Figures } from './figures.ts';

const SHOWN_DAYS = 30;

/** Views, claims and redemptions of the scope's market over the last 30 of its calendar days. */
export async function marketFigures(db: ScopedClient, timeZone: string, now: Date): Promise<Figures> {
  const days = lastDays(timeZone, now, SHOWN_DAYS * 2);
  const rows = await db.$queryRaw<DayCount[]>`
    select kind, to_char(occurred_at at time zone ${timeZone}, 'YYYY-MM-DD') as day, count(*)::int as count
    from offer_event
    where market_id = ${db.scope.marketId}::uuid
      and occurred_at >= ${before(now, SHOWN_DAYS * 2)} and occurred_at <= ${now}
    group by 1, 2`;
  return compareHalves(days, rows);
}

export interface TopOffer {
  readonly id: string;
  readonly titleEn: string;
  readonly titleAr: string;
  readonly count: number;
}

/** The market's offers that were claimed most in the last 30 days. */
export async function topOffers(db: ScopedClient, now: Date): Promise<TopOffer[]> {
  const groups = await db.offerEvent.groupBy({
    by: ['offerId'],
    where: { kind: 'claim', occurredAt: { gte: before(now, SHOWN_DAYS - 1), lte: now } },
    _count: { _all: true },
    orderBy: { _count: { offerId: 'desc' } },
    take: 5,
  });
  const offers = await db.offer.findMany({
    where: { id: { in: groups.map(({ offerId }) => offerId) } },
    select: { id: true, titleEn: true, titleAr: true },
  });
  const byId = new Map(offers.map((offer) => [offer.id, offer]));
  return groups.flatMap(({ offerId, _count }) => {
    const offer = byId.get(offerId);
    return offer ? [{ ...offer, count: _count._all }] : [];
  });
}

/** How many of the market's offers are in each state. */
export async function offerStates(db: ScopedClient): Promise<Record<string, number>> {
  const groups = await db.offer.groupBy({ by: ['state'], _count: { _all: true } });
  return Object.fromEntries(groups.map(({ state, _count }) => [state, _count._all]));
}
