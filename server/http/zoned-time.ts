const parts = new Map<string, Intl.DateTimeFormat>();

function wallClock(timeZone: string): Intl.DateTimeFormat {
  const found = parts.get(timeZone);
  if (found) return found;
  const made = new Intl.DateTimeFormat('en-CA-u-ca-iso8601-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  parts.set(timeZone, made);
  return made;
}

/** Milliseconds to add to UTC to get the zone's wall clock at this instant. */
function offset(at: number, timeZone: string): number {
  const read: Record<string, number> = {};
  for (const { type, value } of wallClock(timeZone).formatToParts(at)) read[type] = Number(value);
  const wall = Date.UTC(read.year!, read.month! - 1, read.day!, read.hour!, read.minute!, read.second!);
  return wall - Math.floor(at / 1000) * 1000;
}

/** An instant as the value of `<input type="datetime-local">` in the market's time zone; '' for null. */
export function toInputDateTime(at: Date | null | undefined, timeZone: string): string {
  if (!at) return '';
  return new Date(at.getTime() + offset(at.getTime(), timeZone)).toISOString().slice(0, 16);
}

/**
 * Reads `2026-05-01T09:30` as the market's wall clock. Null when it isn't a real date (31 February) or when
 * the zone's clock skips that minute in spring; the earlier instant when autumn repeats it.
 */
export function parseInputDateTime(text: string, timeZone: string): Date | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::\d\d)?$/.exec(text);
  if (!match) return null;
  const wall = Date.parse(`${text.slice(0, 16)}:00Z`);
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 16) !== text.slice(0, 16)) return null;
  const guesses = [wall - offset(wall - 86_400_000, timeZone), wall - offset(wall + 86_400_000, timeZone)];
  const exact = guesses.filter((at) => at + offset(at, timeZone) === wall);
  return exact.length > 0 ? new Date(Math.min(...exact)) : null;
}
