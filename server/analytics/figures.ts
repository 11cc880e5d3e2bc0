export const kinds = ['view', 'claim', 'redeem'] as const;
export type Kind = (typeof kinds)[number];

/** Events of one kind on one of the market's calendar days. */
export interface DayCount {
  readonly kind: Kind;
  readonly day: string;
  readonly count: number;
}

export interface Figures {
  /** The market's calendar days, oldest first. */
  readonly days: string[];
  readonly series: Record<Kind, number[]>;
  readonly total: Record<Kind, number>;
  /** Against the same number of days before: 0.1 is 10 % more; null when there was nothing to compare with. */
  readonly change: Record<Kind, number | null>;
}

/** Figures of the second half of `days`, compared with the first half. */
export function compareHalves(days: readonly string[], rows: readonly DayCount[]): Figures {
  const counts = new Map(rows.map(({ kind, day, count }) => [`${kind} ${day}`, count]));
  const of = (kind: Kind, span: readonly string[]) => span.map((day) => counts.get(`${kind} ${day}`) ?? 0);
  const earlier = days.slice(0, days.length / 2);
  const shown = days.slice(days.length / 2);
  return {
    days: shown,
    series: byKind((kind) => of(kind, shown)),
    total: byKind((kind) => sum(of(kind, shown))),
    change: byKind((kind) => ratio(sum(of(kind, shown)), sum(of(kind, earlier)))),
  };
}

const byKind = <T>(value: (kind: Kind) => T): Record<Kind, T> => ({
  view: value('view'),
  claim: value('claim'),
  redeem: value('redeem'),
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const ratio = (value: number, base: number): number | null => (base === 0 ? null : (value - base) / base);
