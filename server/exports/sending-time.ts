import { addDays, addMonths, dayIn, weekdayOf } from '../analytics/calendar.ts';
import { parseInputDateTime } from '../http/zoned-time.ts';
import type { Cadence } from './exports.input.ts';

/** Six in the morning of the market: the night's check of its figures is over, and no zone's clock skips that hour. */
const TIME = '06:00';
const MONDAY = 1;

/** When a file is due next, after `now`: tomorrow, on the next Monday, or on the first of the next month. */
export function nextSending(cadence: Cadence, timeZone: string, now: Date): Date {
  return parseInputDateTime(`${nextDay(cadence, dayIn(timeZone, now))}T${TIME}`, timeZone)!;
}

function nextDay(cadence: Cadence, today: string): string {
  if (cadence === 'daily') return addDays(today, 1);
  if (cadence === 'monthly') return addMonths(`${today.slice(0, 8)}01`, 1);
  return addDays(today, ((MONDAY - weekdayOf(today) + 6) % 7) + 1);
}
