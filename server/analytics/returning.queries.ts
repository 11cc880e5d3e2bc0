import type { ScopedClient } from '../db/client.ts';
import { addMonths, dateOf, dayOf } from './calendar.ts';

/** Months of first claims that are shown, the current one last. */
export const COHORT_MONTHS = 6;
/** Fewer shoppers than this are never told apart from none. */
export const FEWEST_SHOPPERS = 5;

/** Shoppers who claimed for the first time in a month. Counts under five are null. */
export interface Cohort {
  /** First day of the month. */
  readonly month: string;
  readonly shoppers: number | null;
  /** Of them, those who claimed again in the first, second, … month after. */
  readonly again: readonly (number | null)[];
}

/** The market's shoppers by month of their first claim, and how many of them came back. Names nobody. */
export async function returningShoppers(db: ScopedClient, today: string): Promise<Cohort[]> {
  const months = Array.from({ length: COHORT_MONTHS }, (_, i) =>
    addMonths(`${today.slice(0, 8)}01`, i - COHORT_MONTHS + 1),
  );
  const rows = await db.claimCohort.findMany({
    where: { first: { gte: dateOf(months[0]!) } },
    select: { first: true, month: true, shoppers: true },
  });
  const counts = new Map(
    rows.map(({ first, month, shoppers }) => [`${dayOf(first)} ${dayOf(month)}`, shoppers]),
  );
  return months.map((first, index) => {
    const told = (month: string) => atLeastFive(counts.get(`${first} ${month}`) ?? 0);
    return { month: first, shoppers: told(first), again: months.slice(index + 1).map(told) };
  });
}

const atLeastFive = (count: number) => (count < FEWEST_SHOPPERS ? null : count);
