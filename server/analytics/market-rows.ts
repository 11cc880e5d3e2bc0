import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import { defineList, type ListQuery, type Page, paginate } from '../http/list-query.ts';
import { searchWhere } from '../market/fold.ts';
import { marketCounts } from './days.queries.ts';
import { changeOf } from './figures.ts';
import { beyond, comparer, type RateRow, rateRow } from './offer-rows.ts';
import { rangeQuery } from './range.input.ts';
import type { Range } from './range.ts';

const number = (field: string) => ({ field, kind: 'number' as const });

/** Figures by market, for staff; the range is part of the same address. */
export const marketFigureList = defineList({
  sorts: {
    claims: number('claims'),
    views: number('views'),
    redemptions: number('redemptions'),
    claimRate: number('claimOrder'),
    change: number('changeOrder'),
  },
  sort: 'claims',
  dir: 'desc',
  filters: {
    ...rangeQuery.shape,
    state: z.enum(['applied', 'active', 'suspended', 'closed']).optional(),
  },
});

export interface MarketRow extends RateRow {
  readonly nameEn: string;
  readonly nameAr: string;
  readonly state: string;
  readonly claimsBefore: number;
  /** Of claims; null when there were none before. */
  readonly change: number | null;
  readonly changeOrder: number;
}

/** Every market that the list's words and filters leave, with its figures. Needs a staff scope. */
export async function everyMarketRow(db: ScopedClient, range: Range, list?: ListQuery): Promise<MarketRow[]> {
  const state = (list?.filters as { state?: string } | undefined)?.state;
  const [markets, now, then] = await Promise.all([
    db.market.findMany({
      where: { ...(state ? { state } : {}), ...searchWhere(list?.q ?? '') },
      select: { id: true, nameEn: true, nameAr: true, state: true },
    }),
    marketCounts(db, range),
    marketCounts(db, range.before),
  ]);
  const none = { view: 0, claim: 0, redeem: 0 };
  return markets
    .map((market) => {
      const claimsBefore = then.get(market.id)?.claim ?? 0;
      const row = rateRow(market.id, now.get(market.id) ?? none);
      const change = changeOf(row.claims, claimsBefore);
      return { ...market, ...row, claimsBefore, change, changeOrder: orderOf(change) };
    })
    .sort(comparer('claims', -1));
}

// A fall to nothing is -1; no comparison comes last.
const orderOf = (change: number | null) =>
  change === null ? -2_000_000 : Math.min(2_000_000_000, Math.round(change * 1e6));

/** One page of markets. They are counted first, so the list is cut in memory. */
export async function listMarketRows(
  db: ScopedClient,
  range: Range,
  list: ListQuery,
): Promise<Page<MarketRow>> {
  const all = await everyMarketRow(db, range, list);
  return paginate(list, {}, async ({ orderBy, take }) => {
    const dir = Object.values(orderBy[0]!)[0] === 'asc' ? 1 : -1;
    return beyond(all.toSorted(comparer(list.field, dir)), list, dir).slice(0, take);
  });
}

/** Fewer claims than this in the days before say nothing about a change. */
export const MOVER_BASE = 20;
const MOVERS = 5;

export interface Movers {
  readonly risers: readonly MarketRow[];
  readonly fallers: readonly MarketRow[];
}

/** The markets whose claims changed most, up and down, of those with enough of them before. */
export function moversOf(rows: readonly MarketRow[]): Movers {
  const known = rows.filter(({ claimsBefore }) => claimsBefore >= MOVER_BASE);
  const rising = known.filter(({ change }) => (change ?? 0) > 0).sort(comparer('changeOrder', -1));
  const falling = known.filter(({ change }) => (change ?? 0) < 0).sort(comparer('changeOrder', 1));
  return { risers: rising.slice(0, MOVERS), fallers: falling.slice(0, MOVERS) };
}
