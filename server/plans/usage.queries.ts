import { addMonths, dateOf, dayIn, dayOf } from '../analytics/calendar.ts';
import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { forecast } from './forecast.ts';
import { CAP_FIELD, isMonthly, LIMITS, type LimitUses, limitState } from './plan-limits.ts';

const NOW = dateOf('1970-01-01');
const HALF_A_DAY = 43_200_000;

export const monthOf = (timeZone: string, at: Date): string => `${dayIn(timeZone, at).slice(0, 7)}-01`;

/** The months that it may be somewhere now: the market's own is among them. */
const monthsAround = (now: Date): Date[] =>
  [-1, 0, 1].map((turn) =>
    dateOf(`${new Date(now.getTime() + turn * 2 * HALF_A_DAY).toISOString().slice(0, 7)}-01`),
  );

/** Limits of the market's own that are in force; the first one of a name counts. */
export const inForce = (now: Date) =>
  ({
    where: { startsAt: { lte: now }, OR: [{ endsAt: null }, { endsAt: { gt: now } }] },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    select: { name: true, cap: true, endsAt: true },
  }) satisfies Prisma.Market$overridesArgs;

/** What has to be known of a market to say how much it uses. */
export const measured = (now: Date) =>
  ({
    ...{ id: true, timeZone: true, plan: true, overrides: inForce(now) },
    limits: { where: { period: { in: [NOW, ...monthsAround(now)] } } },
  }) satisfies Prisma.MarketSelect;

export type Measured = Prisma.MarketGetPayload<{ select: ReturnType<typeof measured> }>;

/** How much of every limit a market uses; `over` are its offers that are past their end and counted still. */
export function usesOf(market: Measured, over: number, now: Date): LimitUses {
  const month = monthOf(market.timeZone, now);
  const uses = LIMITS.map((name) => {
    const period = isMonthly(name) ? month : null;
    const counter = market.limits.find(
      (each) => each.name === name && dayOf(each.period) === (period ?? dayOf(NOW)),
    );
    const own = market.overrides.find((each) => each.name === name);
    const planCap = market.plan[CAP_FIELD[name]];
    const cap = own?.cap ?? planCap;
    const use = Math.max((counter?.used ?? 0) - (name === 'live_offers' ? over : 0), 0);
    const ownUntil = own?.endsAt ?? null;
    const known = { name, use, cap, planCap, isOwn: !!own, ownUntil };
    return [name, { ...known, state: limitState(use, cap), month: period }];
  });
  return Object.fromEntries(uses) as LimitUses;
}

/** How much of every limit a market uses: its own, or to staff the one named. @throws AppError 404 */
export async function limitUse(
  db: ScopedClient,
  now: Date = new Date(),
  id: string | null = db.scope.marketId,
): Promise<LimitUses> {
  const found = await db.market.findFirst({ where: { id: id! }, select: measured(now) });
  const market: Measured = orNotFound(found);
  return usesOf(market, await offersOver(db, market.id, now, market.limits), now);
}

interface Counter {
  readonly name: string;
  readonly countedAt: Date;
}

/** Offers that the counter holds still although they are past their end: nobody writes when that comes. */
function offersOver(
  db: ScopedClient,
  marketId: string,
  now: Date,
  counters: readonly Counter[],
): Promise<number> {
  const counter = counters.find(({ name }) => name === 'live_offers');
  if (!counter) return Promise.resolve(0);
  const endsAt = { gt: counter.countedAt, lte: now };
  return db.offer.count({ where: { marketId, state: { in: ['live', 'submitted'] }, endsAt } });
}

export interface MonthUse {
  readonly month: string;
  /** Of what there is, the most at one time; null for a month of which nothing is known. */
  readonly used: number | null;
}

const MONTHS = 12;

/** The last twelve months of every limit, the present one last. */
export async function limitHistory(
  db: ScopedClient,
  now: Date = new Date(),
  id: string | null = db.scope.marketId,
): Promise<Record<string, MonthUse[]>> {
  const { timeZone } = orNotFound(
    await db.market.findFirst({ where: { id: id! }, select: { timeZone: true } }),
  );
  const last = monthOf(timeZone, now);
  const months = Array.from({ length: MONTHS }, (_, i) => addMonths(last, i - MONTHS + 1));
  const since = dateOf(months[0]!);
  const [peaks, counters] = await Promise.all([
    db.limitPeak.findMany({ where: { marketId: id!, month: { gte: since } } }),
    db.limitUse.findMany({ where: { marketId: id!, period: { gte: since } } }),
  ]);
  const found = new Map([
    ...peaks.map(({ name, month, peak }) => [`${name} ${dayOf(month)}`, peak] as const),
    ...counters.map(({ name, period, used }) => [`${name} ${dayOf(period)}`, used] as const),
  ]);
  return Object.fromEntries(
    LIMITS.map((name) => [
      name,
      months.map((month) => ({ month, used: found.get(`${name} ${month}`) ?? null })),
    ]),
  );
}

/** Everything that the usage page says about a market. @throws AppError 404 */
export async function findUsage(
  db: ScopedClient,
  now: Date = new Date(),
  id: string | null = db.scope.marketId,
) {
  const select = { timeZone: true, plan: { select: { id: true, nameEn: true, nameAr: true } } } as const;
  const { plan, timeZone } = orNotFound(await db.market.findFirst({ where: { id: id! }, select }));
  const [uses, history] = await Promise.all([limitUse(db, now, id), limitHistory(db, now, id)]);
  const limits = LIMITS.map((name) => ({
    ...uses[name],
    forecast: forecast(uses[name], timeZone, now),
    history: history[name]!,
  }));
  return { plan, limits };
}

/** What a market would be over with on another plan; its own limits stay in force. @throws AppError 404 */
export async function planOverruns(db: ScopedClient, marketId: string, planId: string, now: Date) {
  const [uses, plan] = await Promise.all([
    limitUse(db, now, marketId),
    db.plan.findFirst({ where: { id: planId } }),
  ]);
  if (!plan) return [];
  return LIMITS.map((name) => ({ ...uses[name], next: plan[CAP_FIELD[name]] }))
    .filter(({ isOwn, use, planCap, next }) => !isOwn && next < planCap && use > next)
    .map(({ name, use, next }) => ({ name, use, cap: next }));
}
