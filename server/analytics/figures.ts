import { eachDay } from './calendar.ts';
import type { Range } from './range.ts';

export const kinds = ['view', 'claim', 'redeem'] as const;
export type Kind = (typeof kinds)[number];
export type Counts = Record<Kind, number>;

/** Events of one kind on one of the market's calendar days. */
export interface DayCount {
  readonly kind: string;
  readonly day: string;
  readonly count: number;
}

export interface Figures {
  /** The market's calendar days, oldest first, all of them over. */
  readonly days: readonly string[];
  readonly series: Record<Kind, number[]>;
  readonly total: Counts;
  /** The days that these are held against. */
  readonly before: {
    readonly days: readonly string[];
    readonly series: Record<Kind, number[]>;
    readonly total: Counts;
  };
  /** Against the days before: 0.1 is 10 % more; null when there was nothing to compare with. */
  readonly change: Record<Kind, number | null>;
  /** What today has so far, apart: it is not over. */
  readonly today: Counts;
}

/** Figures of a range's days beside those it is compared with. */
export function compareDays(range: Range, rows: readonly DayCount[]): Figures {
  const counts = new Map(rows.map(({ kind, day, count }) => [`${kind} ${day}`, count]));
  const of = (kind: Kind, days: readonly string[]) => days.map((day) => counts.get(`${kind} ${day}`) ?? 0);
  const daysBefore = eachDay(range.before.from, range.before.to);
  const series = byKind((kind) => of(kind, range.days));
  const earlier = byKind((kind) => of(kind, daysBefore));
  const total = byKind((kind) => sum(series[kind]));
  const totalBefore = byKind((kind) => sum(earlier[kind]));
  return {
    ...{ days: range.days, series, total },
    before: { days: daysBefore, series: earlier, total: totalBefore },
    change: byKind((kind) => changeOf(total[kind], totalBefore[kind])),
    today: byKind((kind) => counts.get(`${kind} ${range.today}`) ?? 0),
  };
}

export const byKind = <T>(value: (kind: Kind) => T): Record<Kind, T> => ({
  view: value('view'),
  claim: value('claim'),
  redeem: value('redeem'),
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Null when there was nothing before. */
export const changeOf = (value: number, base: number): number | null =>
  base === 0 ? null : (value - base) / base;

/** A share of something, or null of nothing. */
export const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** Rows of `group by <key>, kind` as one entry a key. */
export function countsBy(
  rows: readonly { readonly key: string; readonly kind: string; readonly count: number }[],
): Map<string, Counts> {
  const all = new Map<string, Counts>();
  for (const { key, kind, count } of rows) {
    const counts = all.get(key) ?? { view: 0, claim: 0, redeem: 0 };
    counts[kind as Kind] += count;
    all.set(key, counts);
  }
  return all;
}
