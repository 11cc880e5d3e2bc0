import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import { searchWhere } from '../market/fold.ts';
import { CAP_FIELD, type Caps, LIMIT_STATES, LIMITS, type LimitUse } from './plan-limits.ts';
import { type Measured, measured, usesOf } from './usage.queries.ts';

/** Rows that a page shows: the nearest to a limit, which are those that somebody has to look at. */
const SHOWN = 50;
/** Further back than the nightly check, after which no offer that is over is counted any more. */
const LOOK_BACK_MS = 3 * 86_400_000;

export const platformUsageQuery = z.object({
  q: z.string().normalize('NFC').trim().max(200).default(''),
  limit: z.enum(LIMITS).optional(),
  state: z.enum(LIMIT_STATES).optional(),
});
export type PlatformUsageQuery = z.output<typeof platformUsageQuery>;

export interface MarketUse extends LimitUse {
  readonly market: { readonly id: string; readonly nameEn: string; readonly nameAr: string };
  readonly planId: string;
}

/** Every limit of every market, those nearest to it first. Needs a staff scope. */
export async function platformUsage(
  db: ScopedClient,
  query: PlatformUsageQuery,
  now: Date,
): Promise<{ rows: MarketUse[]; total: number }> {
  const { q, limit, state } = query;
  const rows = (await everyUse(db, now, searchWhere(q)))
    .filter((row) => (!limit || row.name === limit) && (!state || row.state === state))
    .sort((a, b) => nearness(b) - nearness(a) || a.market.id.localeCompare(b.market.id));
  return { rows: rows.slice(0, SHOWN), total: rows.length };
}

const nearness = ({ use, cap }: LimitUse): number => (cap === 0 ? (use > 0 ? Infinity : 0) : use / cap);

async function everyUse(
  db: ScopedClient,
  now: Date,
  where: NonNullable<Parameters<ScopedClient['market']['findMany']>[0]>['where'],
): Promise<MarketUse[]> {
  const select = { ...measured(now), nameEn: true, nameAr: true };
  const [markets, over] = await Promise.all([db.market.findMany({ where, select }), offersOver(db, now)]);
  return markets.flatMap((market) => {
    const uses = usesOf(market, over(market), now);
    const { id, nameEn, nameAr, plan } = market;
    return LIMITS.map((name) => ({ ...uses[name], market: { id, nameEn, nameAr }, planId: plan.id }));
  });
}

/** Per market the offers that its counter holds still although they are past their end. */
async function offersOver(db: ScopedClient, now: Date) {
  const since = new Date(now.getTime() - LOOK_BACK_MS);
  const offers = await db.offer.findMany({
    where: { state: { in: ['live', 'submitted'] }, endsAt: { gt: since, lte: now } },
    select: { marketId: true, endsAt: true },
  });
  return ({ id, limits }: Measured): number => {
    const counted = limits.find(({ name }) => name === 'live_offers')?.countedAt;
    if (!counted) return 0;
    return offers.filter(({ marketId, endsAt }) => marketId === id && endsAt! > counted).length;
  };
}

/** Markets of a plan that would be over a lower cap: what an operator is told before the plan is changed. */
export async function overruns(
  db: ScopedClient,
  planId: string,
  caps: Caps,
  now: Date,
): Promise<MarketUse[]> {
  const uses = await everyUse(db, now, { planId });
  return uses
    .filter(({ isOwn }) => !isOwn)
    .map((each) => ({ ...each, cap: caps[CAP_FIELD[each.name]] }))
    .filter(({ use, cap, planCap }) => cap < planCap && use > cap);
}
