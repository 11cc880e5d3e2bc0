import { addDays, addMonths, dayIn, weekdayOf } from '../analytics/calendar.ts';
import type { Cadence } from './exports.input.ts';

/** Six in the morning of the market: the night's check of its figures is over. */
const HOUR = 6;
const MONDAY = 1;

/** When a file is due next, after `now`: tomorrow, on the next Monday, or on the first of the next month. */
export function nextSending(cadence: Cadence, timeZone: string, now: Date): Date {
  return instantOf(nextDay(cadence, dayIn(timeZone, now)), timeZone);
}

function nextDay(cadence: Cadence, today: string): string {
  if (cadence === 'daily') return addDays(today, 1);
  if (cadence === 'monthly') return addMonths(`${today.slice(0, 8)}01`, 1);
  return addDays(today, ((MONDAY - weekdayOf(today) + 6) % 7) + 1);
}

/** The instant of that hour on a day of a time zone: guessed in UTC, then moved by what the zone's clock shows then. */
function instantOf(day: string, timeZone: string): Date {
  const wanted = Date.parse(`${day}T0${HOUR}:00:00Z`);
  const shown = (at: number): number => {
    const text = new Date(at).toLocaleString('sv-SE', { timeZone });
    return Date.parse(`${text.replace(' ', 'T')}Z`);
  };
  const guess = wanted - (shown(wanted) - wanted);
  return new Date(guess - (shown(guess) - wanted));
}
