const DAY = 86_400_000;

/** Noon of a calendar day `2026-05-01`, which no clock change skips. */
const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const named = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The calendar day that an instant falls on in a time zone. */
export const dayIn = (timeZone: string, at: Date): string =>
  new Intl.DateTimeFormat('en-CA-u-ca-iso8601', { timeZone, dateStyle: 'short' }).format(at);

export const addDays = (day: string, count: number): string => named(noon(day) + count * DAY);

/** How many days from one day to another: 1 from a day to the next. */
export const daysBetween = (from: string, to: string): number => Math.round((noon(to) - noon(from)) / DAY);

/** Every day from `from` to `to`, both included; none when `to` lies before. */
export const eachDay = (from: string, to: string): string[] =>
  Array.from({ length: Math.max(0, daysBetween(from, to) + 1) }, (_, i) => addDays(from, i));

/** The same day some months earlier, or the month's last when it has no such day. */
export function addMonths(day: string, count: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  return named(Date.UTC(year, month - 1 + count, Math.min(date, last), 12));
}

/** Whether a text names a day that exists: not 31 February. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(noon(text)) && named(noon(text)) === text;

/** The day of a DATE column, or the one that it is in UTC at an instant. */
export const dayOf = (date: Date): string => named(date.getTime());

/** A day as Prisma takes it for a DATE column. */
export const dateOf = (day: string): Date => new Date(`${day}T00:00:00Z`);

/** From Sunday, 0, to Saturday, 6. */
export const weekdayOf = (day: string): number => dateOf(day).getUTCDay();
