import { addDays, addMonths, daysBetween, eachDay } from './calendar.ts';

/** Calendar days, both included. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export const presets = ['7', '30', '90', 'this-month', 'last-month', 'custom'] as const;
export type Preset = (typeof presets)[number];
export const comparisons = ['previous', 'year'] as const;
export type Comparison = (typeof comparisons)[number];

/** How far events may be late: figures of these last days can still grow. */
export const LATE_DAYS = 7;
/** The longest range that may be asked for, in days. */
export const MAX_DAYS = 366;

/** Full days to look at, and as many to hold them against. Today is never one of them: it is not over. */
export interface Range extends Span {
  readonly preset: Preset;
  readonly compare: Comparison;
  readonly days: readonly string[];
  readonly before: Span;
  readonly today: string;
  /** How many of the last days may still change. */
  readonly late: number;
}

/** The days of a preset that is not `custom`. On the first of a month `this-month` has no full day yet. */
export function spanOf(preset: Exclude<Preset, 'custom'>, today: string): Span {
  const first = `${today.slice(0, 8)}01`;
  const yesterday = addDays(today, -1);
  if (preset === 'this-month') return { from: first, to: yesterday };
  if (preset === 'last-month') return { from: addMonths(first, -1), to: addDays(first, -1) };
  return { from: addDays(today, -Number(preset)), to: yesterday };
}

/** Compared with as many days right before, or with those that began a year earlier. */
export function rangeOf(span: Span, today: string, preset: Preset, compare: Comparison): Range {
  const length = daysBetween(span.from, span.to) + 1;
  const start = compare === 'year' ? addMonths(span.from, -12) : addDays(span.from, -length);
  return {
    ...{ from: span.from, to: span.to, preset, compare, today },
    days: eachDay(span.from, span.to),
    before: { from: start, to: addDays(start, length - 1) },
    late: Math.min(length, Math.max(0, LATE_DAYS - daysBetween(span.to, today) + 1)),
  };
}

/** The last full days, compared with as many before. */
export const lastDays = (count: 7 | 30 | 90, today: string): Range =>
  rangeOf(spanOf(`${count}`, today), today, `${count}`, 'previous');
