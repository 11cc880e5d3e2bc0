import { addMonths, dayIn, daysBetween } from '../analytics/calendar.ts';
import { isMonthly, type LimitUse } from './plan-limits.ts';

/** Before that many days have passed a month says too little. */
const SETTLED = 3;

/**
 * What a month's quota will have come to by its end, if it goes on as it has: used ÷ days gone, today included, × days of
 * the month. Null for what is not counted by month, and on the first three days.
 */
export function forecast({ name, use, month }: LimitUse, timeZone: string, now: Date): number | null {
  if (!isMonthly(name) || !month) return null;
  const gone = daysBetween(month, dayIn(timeZone, now)) + 1;
  if (gone <= SETTLED) return null;
  return Math.round((use / gone) * daysBetween(month, addMonths(month, 1)));
}
