import type { ScopedClient } from '../db/client.ts';
import { dateOf, dayOf } from './calendar.ts';
import { type Counts, compareDays, countsBy, type Figures } from './figures.ts';
import { lastDays, type Range, type Span } from './range.ts';

/** One offer or branch of the market, or both; the whole market when empty. */
export interface Part {
  readonly offerId?: string;
  readonly branchId?: string;
}

const between = ({ from, to }: Span) => ({ gte: dateOf(from), lte: dateOf(to) });
const sums = { _sum: { events: true } } as const;

/**
 * Views, claims and redemptions by day, beside those of the days before and today's so far. Of the scope's market;
 * of all markets, each by its own calendar, under a staff scope.
 */
export async function dayFigures(db: ScopedClient, range: Range, part: Part = {}): Promise<Figures> {
  const { from, to, today, before } = range;
  const where = { OR: [{ day: between({ from, to }) }, { day: between(before) }, { day: dateOf(today) }] };
  const rows = await dayRows(db, where, part);
  return compareDays(
    range,
    rows.map(({ kind, day, _sum }) => ({ kind, day: dayOf(day), count: _sum.events ?? 0 })),
  );
}

/** The days that every page but the analytics one shows: the last 30 full ones. */
const SHOWN = 30;

/** Figures of the last 30 full days, beside the 30 before. */
export const recentFigures = (db: ScopedClient, today: string, part: Part = {}): Promise<Figures> =>
  dayFigures(db, lastDays(SHOWN, today), part);

/** Counts of the last 30 full days by offer id. */
export const recentOfferCounts = (db: ScopedClient, today: string) => offerCounts(db, lastDays(SHOWN, today));

/** Counts of the last 30 full days by market id. Needs a staff scope. */
export const recentMarketCounts = (db: ScopedClient, today: string) =>
  marketCounts(db, lastDays(SHOWN, today));

/** From the table with the fewest rows that knows the answer. */
async function dayRows(db: ScopedClient, where: object, { offerId, branchId }: Part) {
  const by = { by: ['day', 'kind'] as ('day' | 'kind')[], ...sums };
  if (offerId && branchId) return db.eventDay.groupBy({ ...by, where: { ...where, offerId, branchId } });
  if (!offerId && !branchId) return db.eventHour.groupBy({ ...by, where });
  const side = offerId ? { part: 'offer', partId: offerId } : { part: 'branch', partId: branchId! };
  return db.eventPart.groupBy({ ...by, where: { ...where, ...side } });
}

/** Counts of a span by offer id. */
export async function offerCounts(
  db: ScopedClient,
  span: Span,
  { offerId, branchId }: Part = {},
): Promise<Map<string, Counts>> {
  if (!branchId) return partCounts(db, span, 'offer', offerId);
  const rows = await db.eventDay.groupBy({
    by: ['offerId', 'kind'],
    where: { day: between(span), branchId, ...(offerId ? { offerId } : {}) },
    ...sums,
  });
  return countsBy(rows.map(({ offerId: key, kind, _sum }) => ({ key, kind, count: _sum.events ?? 0 })));
}

/** Counts of a span by branch id; what names no branch is under the nil UUID. */
export async function branchCounts(
  db: ScopedClient,
  span: Span,
  { offerId, branchId }: Part = {},
): Promise<Map<string, Counts>> {
  if (!offerId) return partCounts(db, span, 'branch', branchId);
  const rows = await db.eventDay.groupBy({
    by: ['branchId', 'kind'],
    where: { day: between(span), offerId, ...(branchId ? { branchId } : {}) },
    ...sums,
  });
  return countsBy(rows.map(({ branchId: key, kind, _sum }) => ({ key, kind, count: _sum.events ?? 0 })));
}

async function partCounts(db: ScopedClient, span: Span, part: 'offer' | 'branch', id: string | undefined) {
  const rows = await db.eventPart.groupBy({
    by: ['partId', 'kind'],
    where: { day: between(span), part, ...(id ? { partId: id } : {}) },
    ...sums,
  });
  return countsBy(rows.map(({ partId: key, kind, _sum }) => ({ key, kind, count: _sum.events ?? 0 })));
}

/** Counts of a span by market id. Needs a staff scope: any other sees its own at most. */
export async function marketCounts(db: ScopedClient, span: Span): Promise<Map<string, Counts>> {
  const rows = await db.eventHour.groupBy({
    by: ['marketId', 'kind'],
    where: { day: between(span) },
    ...sums,
  });
  return countsBy(rows.map(({ marketId: key, kind, _sum }) => ({ key, kind, count: _sum.events ?? 0 })));
}
