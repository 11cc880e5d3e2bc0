import type { ScopedClient } from '../db/client.ts';

const DAYS = 28;
const DAY = 86_400_000;
const kinds = ['view', 'claim', 'redeem'] as const;
type Kind = (typeof kinds)[number];

export interface OfferFigures {
  /** The market's calendar days, oldest first: `2026-05-01`. */
  readonly days: string[];
  readonly series: Record<Kind, number[]>;
  readonly total: Record<Kind, number>;
  /** Against the same number of days before: 0.1 is 10 % more; null when there was nothing. */
  readonly change: Record<Kind, number | null>;
}

interface Counted {
  readonly kind: Kind;
  readonly day: string;
  readonly count: number;
}

/** Views, claims and redemptions of one offer over the last four weeks, by the market's calendar. */
export async function offerFigures(
  db: ScopedClient,
  offerId: string,
  timeZone: string,
  now: Date,
): Promise<OfferFigures> {
  const days = lastDays(timeZone, now, DAYS * 2);
  // A day more than is shown: a calendar day begins up to 14 hours before the same day of UTC.
  const from = new Date(now.getTime() - (DAYS * 2 + 1) * DAY);
  const rows = await db.$queryRaw<Counted[]>`
    select kind, to_char(occurred_at at time zone ${timeZone}, 'YYYY-MM-DD') as day, count(*)::int as count
    from offer_event
    where market_id = ${db.scope.marketId}::uuid and offer_id = ${offerId}::uuid
      and occurred_at >= ${from} and occurred_at <= ${now}
    group by 1, 2`;
  const counts = new Map(rows.map(({ kind, day, count }) => [`${kind} ${day}`, count]));
  const of = (kind: Kind, span: string[]) => span.map((day) => counts.get(`${kind} ${day}`) ?? 0);
  const [before, shown] = [days.slice(0, DAYS), days.slice(DAYS)];
  const by = <T>(value: (kind: Kind) => T) =>
    Object.fromEntries(kinds.map((kind) => [kind, value(kind)])) as Record<Kind, T>;
  return {
    days: shown,
    series: by((kind) => of(kind, shown)),
    total: by((kind) => sum(of(kind, shown))),
    change: by((kind) => ratio(sum(of(kind, shown)), sum(of(kind, before)))),
  };
}

/** Calendar days of a time zone, today last; built from noon, which no clock change skips. */
function lastDays(timeZone: string, now: Date, count: number): string[] {
  const today = new Intl.DateTimeFormat('en-CA-u-ca-iso8601', { timeZone, dateStyle: 'short' }).format(now);
  const noon = Date.parse(`${today}T12:00:00Z`);
  return Array.from({ length: count }, (_, i) =>
    new Date(noon - (count - 1 - i) * DAY).toISOString().slice(0, 10),
  );
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const ratio = (value: number, before: number) => (before === 0 ? null : (value - before) / before);
