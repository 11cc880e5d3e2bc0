import { parseInputDateTime } from '../../server/http/zoned-time.ts';

export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** Midnight UTC of the day that an instant falls in. All of the demo hangs on this. */
export const floorToDay = (at: Date): Date => new Date(Math.floor(at.getTime() / DAY) * DAY);

/** The instant of a wall-clock time on the calendar day `offset` days from `today`. */
export function localTime(today: Date, offset: number, time: string, timeZone: string): Date {
  const date = new Date(today.getTime() + offset * DAY).toISOString().slice(0, 10);
  const at = parseInputDateTime(`${date}T${time}`, timeZone);
  // Some zones skip an hour at midnight in spring; then the day starts an hour later.
  return at ?? parseInputDateTime(`${date}T${time.replace(/^00/, '01')}`, timeZone)!;
}
