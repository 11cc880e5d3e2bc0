import type { ScopedClient } from '../db/client.ts';
import { dateOf } from './calendar.ts';
import { type Counts, compareDays, countsBy, type Figures } from './figures.ts';
import type { Range, Span } from './range.ts';

/** One offer or branch of the market, or both; the whole market when empty. */
export interface Part {
  readonly offerId?: string | undefined;
  readonly branchId?: string | undefined;
}

export const between = ({ from, to }: Span) => ({ gte: dateOf(from), lte: dateOf(to) });

const dated = (day: Date) => day.toISOString().slice(0, 10);

/**
 * Views, claims and redemptions by day, beside those of the days before and today's so far. Of the scope's market;
 * of all markets, each by its own calendar, under a staff scope.
 */
export async function dayFigures(db: ScopedClient, range: Range, part: Part = {}): Promise<Figures> {
  const { from, to, today, before } = range;
  const where = { OR: [{ day: between({ from, to }) }, { day: between(before) }, { day: dateOf(today) }] };
  const by = { by: ['day', 'kind'] as ('day' | 'kind')[], _sum: { events: true } as const };
  // Whole markets are counted by hour as well, in far fewer rows.
  const rows =
    part.offerId || part.branchId
      ? await db.eventDay.groupBy({ ...by, where: { ...where, ...part } })
      : await db.eventHour.groupBy({ ...by, where });
  return compareDays(
    range,
    rows.map((row) => ({ kind: row.kind, day: dated(row.day), count: row._sum.events ?? 0 })),
  );
}

/** Counts of a span by offer id. */
export async function offerCounts(
  db: ScopedClient,
  span: Span,
  part: Part = {},
): Promise<Map<string, Counts>> {
  const rows = await db.eventDay.groupBy({
    by: ['offerId', 'kind'],
    where: { day: between(span), ...part },
    _sum: { events: true },
  });
  return countsBy(rows.map(({ offerId, kind, _sum }) => ({ key: offerId, kind, count: _sum.events ?? 0 })));
}

/** Counts of a span by branch id; what names no branch is under the nil UUID. */
export async function branchCounts(
  db: ScopedClient,
  span: Span,
  part: Part = {},
): Promise<Map<string, Counts>> {
  const rows = await db.eventDay.groupBy({
    by: ['branchId', 'kind'],
    where: { day: between(span), ...part },
    _sum: { events: true },
  });
  return countsBy(rows.map(({ branchId, kind, _sum }) => ({ key: branchId, kind, count: _sum.events ?? 0 })));
}

/** Counts of a span by market id. Needs a staff scope: any other sees its own at most. */
export async function marketCounts(db: ScopedClient, span: Span): Promise<Map<string, Counts>> {
  const rows = await db.eventHour.groupBy({
    by: ['marketId', 'kind'],
    where: { day: between(span) },
    _sum: { events: true },
  });
  return countsBy(rows.map(({ marketId, kind, _sum }) => ({ key: marketId, kind, count: _sum.events ?? 0 })));
}
