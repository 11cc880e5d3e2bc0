import { addDays, dateOf, dayOf } from '../analytics/calendar.ts';
import type { ScopedClient } from '../db/client.ts';
import { type Direct, sql } from '../db/direct.ts';
import { DECOY_MARKET } from '../market/scoping/decoy-market.ts';

/** How many days, today included, are told. */
export const HEALTH_DAYS = 14;
/** How many markets the list of checks names: those with differences first, then those checked longest ago. */
const LISTED = 50;

export const OUTCOMES = ['accepted', 'repeated', 'bot', 'unknown', 'late', 'early', 'failed'] as const;

export interface FigureDifference {
  readonly day: string;
  readonly kind: 'view' | 'claim' | 'redeem';
  readonly byOffer: number;
  readonly byHour: number;
  readonly events: number;
  readonly places: number;
}

/** How the intake of events and its figures do, across markets. Needs a staff scope. */
export async function intakeHealth(db: ScopedClient, direct: Direct, now: Date) {
  const [days, months, oldest, waiting, checks, summary] = await Promise.all([
    outcomesByDay(db, now),
    direct.rows<{ month: string }>(
      sql`select to_char(month, 'YYYY-MM') as month from app.event_months() as month`,
    ),
    db.rollupTask.findFirst({ orderBy: { queuedAt: 'asc' }, select: { queuedAt: true, marketId: true } }),
    db.rollupTask.count(),
    lastChecks(direct),
    db.rollupState.aggregate({ _count: { _all: true, checkedAt: true }, _min: { checkedAt: true } }),
  ]);
  return {
    days,
    months: months.map(({ month }) => month),
    /** This month and the next must be there, or events are refused. */
    missingMonths: [0, 1]
      .map((ahead) => monthOf(now, ahead))
      .filter((name) => !months.some(({ month }) => month === name)),
    waiting: { tasks: waiting, oldest: oldest?.queuedAt ?? null, marketId: oldest?.marketId ?? null },
    checks,
    checked: { markets: summary._count._all, ever: summary._count.checkedAt, oldest: summary._min.checkedAt },
  };
}

async function outcomesByDay(db: ScopedClient, now: Date) {
  const today = dayOf(now);
  const groups = await db.eventIntake.groupBy({
    by: ['day', 'outcome'],
    where: { day: { gte: dateOf(addDays(today, 1 - HEALTH_DAYS)) } },
    _sum: { events: true },
  });
  return Array.from({ length: HEALTH_DAYS }, (_, back) => {
    const day = addDays(today, -back);
    const of = (outcome: string) =>
      groups.find((group) => group.outcome === outcome && dayOf(group.day) === day)?._sum.events ?? 0;
    const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, of(outcome)]));
    return { day, ...(counts as Record<(typeof OUTCOMES)[number], number>) };
  });
}

interface Check {
  readonly id: string;
  readonly nameEn: string;
  readonly nameAr: string;
  readonly checkedAt: string | null;
  readonly rolledAt: string | null;
  readonly differences: readonly FigureDifference[];
}

const lastChecks = (direct: Direct): Promise<Check[]> =>
  direct.rows<Check>(sql`
    select market.id, market.name_en as "nameEn", market.name_ar as "nameAr", state.checked_at as "checkedAt",
      state.rolled_at as "rolledAt", state.differences
    from rollup_state as state join market on market.id = state.market_id
    where market.id <> ${DECOY_MARKET}
    order by state.differences = '[]', state.checked_at nulls first, market.id limit ${LISTED}`);

const monthOf = (now: Date, ahead: number): string =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead)).toISOString().slice(0, 7);
