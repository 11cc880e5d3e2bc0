import type { ScopedClient } from '../db/client.ts';
import { defineList, type ListQuery, type Page, paginate } from '../http/list-query.ts';
import { offerCounts, type Part } from './days.queries.ts';
import { type Counts, share } from './figures.ts';
import { partQuery, rangeQuery } from './range.input.ts';
import type { Span } from './range.ts';

const number = (field: string) => ({ field, kind: 'number' as const });

/** Figures by offer; the range and the branch are part of the same address. */
export const offerFigureList = defineList({
  sorts: {
    claims: number('claims'),
    views: number('views'),
    redemptions: number('redemptions'),
    claimRate: number('claimOrder'),
    redemptionRate: number('redemptionOrder'),
  },
  sort: 'claims',
  dir: 'desc',
  filters: { ...rangeQuery.shape, ...partQuery.shape },
});

export interface RateRow {
  readonly id: string;
  readonly views: number;
  readonly claims: number;
  readonly redemptions: number;
  /** Claims of views and redemptions of claims; null of none. More than 1 when the views were before the range. */
  readonly claimRate: number | null;
  readonly redemptionRate: number | null;
  /** For sorting: ratios in millionths, those of nothing last. */
  readonly claimOrder: number;
  readonly redemptionOrder: number;
}

export interface OfferRow extends RateRow {
  readonly titleEn: string;
  readonly titleAr: string;
}

const order = (ratio: number | null) =>
  ratio === null ? -1 : Math.min(2_000_000_000, Math.round(ratio * 1e6));

export function rateRow(id: string, { view, claim, redeem }: Counts): RateRow {
  const [claimRate, redemptionRate] = [share(claim, view), share(redeem, claim)];
  return {
    ...{ id, views: view, claims: claim, redemptions: redeem, claimRate, redemptionRate },
    ...{ claimOrder: order(claimRate), redemptionOrder: order(redemptionRate) },
  };
}

/** One page of the offers that anything happened with. They are counted first, so the list is cut in memory. */
export async function listOfferRows(
  db: ScopedClient,
  span: Span,
  list: ListQuery,
  part: Part = {},
): Promise<Page<OfferRow>> {
  const all = [...(await offerCounts(db, span, part))].map(([id, counts]) => rateRow(id, counts));
  const page = await paginate(list, {}, async ({ orderBy, take }) => {
    const dir = Object.values(orderBy[0]!)[0] === 'asc' ? 1 : -1;
    return beyond(all.sort(comparer(list.field, dir)), list, dir).slice(0, take);
  });
  return { ...page, rows: await withTitles(db, page.rows) };
}

/** Every offer that anything happened with, most claims first. */
export async function everyOfferRow(db: ScopedClient, span: Span, part: Part = {}): Promise<OfferRow[]> {
  const rows = [...(await offerCounts(db, span, part))].map(([id, counts]) => rateRow(id, counts));
  return withTitles(db, rows.sort(comparer('claims', -1)));
}

type Sortable = { readonly id: string };
const sortValue = (row: Sortable, field: string) => (row as unknown as Record<string, number>)[field]!;

export const comparer = (field: string, dir: 1 | -1) => (a: Sortable, b: Sortable) =>
  dir * (sortValue(a, field) - sortValue(b, field) || (a.id < b.id ? -1 : 1));

/** Sorted rows behind the list's cursor, in the direction that they are sorted in. */
export function beyond<Row extends Sortable>(
  rows: readonly Row[],
  { cursor, field }: ListQuery,
  dir: 1 | -1,
): Row[] {
  if (!cursor) return [...rows];
  const edge = { id: cursor.id, [field]: cursor.value };
  const compare = comparer(field, dir);
  return rows.filter((row) => row.id !== cursor.id && compare(row, edge) > 0);
}

async function withTitles(db: ScopedClient, rows: readonly RateRow[]): Promise<OfferRow[]> {
  const offers = await db.offer.findMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    select: { id: true, titleEn: true, titleAr: true },
  });
  const titles = new Map(offers.map((offer) => [offer.id, offer]));
  return rows.map((row) => ({ titleEn: '', titleAr: '', ...titles.get(row.id), ...row }));
}
