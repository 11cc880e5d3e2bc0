const DAY = 86_400_000;

/** Calendar days of a time zone as `2026-05-01`, today last; built from noon, which no clock change skips. */
export function lastDays(timeZone: string, now: Date, count: number): string[] {
  const today = new Intl.DateTimeFormat('en-CA-u-ca-iso8601', { timeZone, dateStyle: 'short' }).format(now);
  const noon = Date.parse(`${today}T12:00:00Z`);
  return Array.from({ length: count }, (_, i) =>
    new Date(noon - (count - 1 - i) * DAY).toISOString().slice(0, 10),
  );
}

/** An instant before the first of the last `count` days anywhere: a calendar day begins up to 14 hours before UTC's. */
export const before = (now: Date, count: number): Date => new Date(now.getTime() - (count + 1) * DAY);
