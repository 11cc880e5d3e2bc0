import { recentMarketCounts, recentOfferCounts } from '../analytics/days.queries.ts';
import type { ScopedClient } from '../db/client.ts';

export interface Most {
  readonly id: string;
  readonly en: string;
  readonly ar: string;
  readonly count: number;
}

/** The market's offers that were claimed most in the last 30 full days. */
export async function topOffers(db: ScopedClient, today: string): Promise<Most[]> {
  const top = most(await recentOfferCounts(db, today), 5);
  const offers = await db.offer.findMany({
    where: { id: { in: top.map(({ id }) => id) } },
    select: { id: true, titleEn: true, titleAr: true },
  });
  return named(
    top,
    offers.map(({ id, titleEn, titleAr }) => ({ id, en: titleEn, ar: titleAr })),
  );
}

/** The markets with most claims in the last 30 full days. Needs a staff scope. */
export async function busiestMarkets(db: ScopedClient, today: string): Promise<Most[]> {
  const top = most(await recentMarketCounts(db, today), 8);
  const markets = await db.market.findMany({
    where: { id: { in: top.map(({ id }) => id) } },
    select: { id: true, nameEn: true, nameAr: true },
  });
  return named(
    top,
    markets.map(({ id, nameEn, nameAr }) => ({ id, en: nameEn, ar: nameAr })),
  );
}

type Top = readonly { readonly id: string; readonly count: number }[];

const most = (counts: Awaited<ReturnType<typeof recentOfferCounts>>, length: number): Top =>
  [...counts]
    .map(([id, { claim }]) => ({ id, count: claim }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
    .slice(0, length);

function named(top: Top, names: readonly Omit<Most, 'count'>[]): Most[] {
  const byId = new Map(names.map((each) => [each.id, each]));
  return top.flatMap(({ id, count }) => {
    const found = byId.get(id);
    return found ? [{ ...found, count }] : [];
  });
}

/** How many of the market's offers are in each state. */
export async function offerStates(db: ScopedClient): Promise<Record<string, number>> {
  const groups = await db.offer.groupBy({ by: ['state'], _count: { _all: true } });
  return Object.fromEntries(groups.map(({ state, _count }) => [state, _count._all]));
}

export async function marketStates(db: ScopedClient): Promise<Record<string, number>> {
  const groups = await db.market.groupBy({ by: ['state'], _count: { _all: true } });
  return Object.fromEntries(groups.map(({ state, _count }) => [state, _count._all]));
}
