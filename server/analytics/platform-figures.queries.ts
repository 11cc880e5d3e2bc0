import type { ScopedClient } from '../db/client.ts';
import { before, lastDays } from './calendar.ts';
import { compareHalves, type DayCount, type Figures } from './figures.ts';

const SHOWN_DAYS = 30;

/** The zone of the platform's own calendar: its days span markets of several zones. */
export const PLATFORM_TIME_ZONE = 'Asia/Riyadh';

/** What staff see first: events of all markets, markets by state, offers that wait. Needs a staff scope. */
export async function platformFigures(db: ScopedClient, now: Date): Promise<Figures> {
  const days = lastDays(PLATFORM_TIME_ZONE, now, SHOWN_DAYS * 2);
  const rows = await db.$queryRaw<DayCount[]>`
    select kind, to_char(occurred_at at time zone ${PLATFORM_TIME_ZONE}, 'YYYY-MM-DD') as day, count(*)::int as count
    from offer_event
    where occurred_at >= ${before(now, SHOWN_DAYS * 2)} and occurred_at <= ${now}
    group by 1, 2`;
  return compareHalves(days, rows);
}

export async function marketStates(db: ScopedClient): Promise<Record<string, number>> {
  const groups = await db.market.groupBy({ by: ['state'], _count: { _all: true } });
  return Object.fromEntries(groups.map(({ state, _count }) => [state, _count._all]));
}

export interface BusyMarket {
  readonly id: string;
  readonly nameEn: string;
  readonly nameAr: string;
  readonly count: number;
}

/** The markets with most claims in the last 30 days. */
export async function busiestMarkets(db: ScopedClient, now: Date): Promise<BusyMarket[]> {
  const groups = await db.offerEvent.groupBy({
    by: ['marketId'],
    where: { kind: 'claim', occurredAt: { gte: before(now, SHOWN_DAYS - 1), lte: now } },
    _count: { _all: true },
    orderBy: { _count: { marketId: 'desc' } },
    take: 8,
  });
  const markets = await db.market.findMany({
    where: { id: { in: groups.map(({ marketId }) => marketId) } },
    select: { id: true, nameEn: true, nameAr: true },
  });
  const byId = new Map(markets.map((market) => [market.id, market]));
  return groups.flatMap(({ marketId, _count }) => {
    const market = byId.get(marketId);
    return market ? [{ ...market, count: _count._all }] : [];
  });
}
