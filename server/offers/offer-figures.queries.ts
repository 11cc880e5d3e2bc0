import { before, lastDays } from '../analytics/calendar.ts';
import { compareHalves, type DayCount, type Figures } from '../analytics/figures.ts';
import type { ScopedClient } from '../db/client.ts';

const SHOWN_DAYS = 28;

/** Views, claims and redemptions of one offer over the last four weeks, by the market's calendar. */
export async function offerFigures(
  db: ScopedClient,
  offerId: string,
  timeZone: string,
  now: Date,
): Promise<Figures> {
  const days = lastDays(timeZone, now, SHOWN_DAYS * 2);
  const rows = await db.$queryRaw<DayCount[]>`
    select kind, to_char(occurred_at at time zone ${timeZone}, 'YYYY-MM-DD') as day, count(*)::int as count
    from offer_event
    where market_id = ${db.scope.marketId}::uuid and offer_id = ${offerId}::uuid
      and occurred_at >= ${before(now, SHOWN_DAYS * 2)} and occurred_at <= ${now}
    group by 1, 2`;
  return compareHalves(days, rows);
}
