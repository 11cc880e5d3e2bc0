import type { Translate } from '../i18n/i18n.ts';
import type { Benchmarks } from './benchmark.queries.ts';
import type { BranchRow } from './branch-rows.ts';
import { dateOf, weekdayOf } from './calendar.ts';
import { type Counts, type Figures, kinds, share } from './figures.ts';
import type { WeekHours } from './hours.queries.ts';
import type { OfferRow } from './offer-rows.ts';
import { type Cohort, FEWEST_SHOPPERS } from './returning.queries.ts';
import type { Cell, Column, Table } from './table.ts';

export interface Wording {
  readonly t: Translate;
  readonly locale: 'en' | 'ar';
}

const column = (label: string, kind: Column['kind']): Column => ({ label, kind });

/** A name in the reader's language, or in the other when it has none there. */
export const inLocale = (locale: 'en' | 'ar', en: string, ar: string): string =>
  (locale === 'ar' ? ar : en) || en || ar;

export function dayTable({ days, series, before }: Figures, { t }: Wording): Table {
  return {
    ...{ name: 'days', caption: t('analytics:byDay') },
    columns: [
      column(t('analytics:day'), 'day'),
      ...kinds.map((kind) => column(t(`analytics:${kind}`), 'count')),
      column(t('analytics:dayBefore'), 'day'),
      ...kinds.map((kind) => column(t(`analytics:before.${kind}`), 'count')),
    ],
    rows: days.map((day, i) => [
      day,
      ...kinds.map((kind) => series[kind][i]!),
      before.days[i] ?? null,
      ...kinds.map((kind) => before.series[kind][i] ?? null),
    ]),
  };
}

const rateColumns = (t: Translate): Column[] => [
  ...kinds.map((kind) => column(t(`analytics:${kind}`), 'count')),
  column(t('analytics:claimRate'), 'ratio'),
  column(t('analytics:redemptionRate'), 'ratio'),
];

const rateCells = ({
  views,
  claims,
  redemptions,
  claimRate,
  redemptionRate,
}: Omit<OfferRow, 'id'>): Cell[] => [...[views, claims, redemptions], ...[claimRate, redemptionRate]];

export const offerTable = (rows: readonly OfferRow[], { t, locale }: Wording): Table => ({
  ...{ name: 'offers', caption: t('analytics:byOffer') },
  columns: [column(t('analytics:offer'), 'text'), ...rateColumns(t)],
  rows: rows.map((row) => [inLocale(locale, row.titleEn, row.titleAr), ...rateCells(row)]),
});

export const branchTable = (rows: readonly BranchRow[], { t, locale }: Wording): Table => ({
  ...{ name: 'branches', caption: t('analytics:byBranch') },
  columns: [column(t('analytics:branch'), 'text'), ...rateColumns(t)],
  rows: rows.map((row) => [
    row.id === null ? t('analytics:noBranch') : inLocale(locale, row.nameEn, row.nameAr),
    ...rateCells({ ...row, titleEn: '', titleAr: '' }),
  ]),
});

/** Names of the days from Sunday on, in the reader's language. */
export function weekdayNames(locale: 'en' | 'ar', width: 'short' | 'long' = 'long'): string[] {
  const format = new Intl.DateTimeFormat(locale === 'ar' ? 'ar-SA-u-ca-gregory-nu-latn' : 'en-GB', {
    ...{ weekday: width, timeZone: 'UTC' },
  });
  // 1 February 2026 is a Sunday.
  const week = Array.from({ length: 7 }, (_, i) => `2026-02-0${i + 1}`);
  return week.sort((a, b) => weekdayOf(a) - weekdayOf(b)).map((day) => format.format(dateOf(day)));
}

export const hourName = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

export const hourTable = (week: WeekHours, { t, locale }: Wording): Table => ({
  ...{ name: 'hours', caption: t('analytics:byHour') },
  columns: [
    column(t('analytics:hour'), 'text'),
    ...weekdayNames(locale).map((name) => column(name, 'average')),
  ],
  rows: Array.from({ length: 24 }, (_, hour) => [hourName(hour), ...week.map((hours) => hours[hour] ?? 0)]),
});

export interface FunnelFigures {
  readonly total: Counts;
  /** Half of the redeemed claims took no longer; null without any. */
  readonly medianMinutes: number | null;
}

export const funnelTable = ({ total, medianMinutes }: FunnelFigures, { t }: Wording): Table => ({
  ...{ name: 'funnel', caption: t('analytics:funnel') },
  columns: [
    column(t('analytics:step'), 'text'),
    column(t('analytics:events'), 'count'),
    column(t('analytics:ofStepBefore'), 'ratio'),
    column(t('analytics:medianTime'), 'minutes'),
  ],
  rows: [
    [t('analytics:view'), total.view, null, null],
    [t('analytics:claim'), total.claim, share(total.claim, total.view), null],
    [t('analytics:redeem'), total.redeem, share(total.redeem, total.claim), medianMinutes],
  ],
});

/** Counts under five are told as that, and no share is told of what they would give away. */
export const returningTable = (cohorts: readonly Cohort[], { t }: Wording): Table => {
  const few = `<${FEWEST_SHOPPERS}`;
  const months = Math.max(0, ...cohorts.map(({ again }) => again.length));
  return {
    ...{ name: 'returning', caption: t('analytics:returning') },
    columns: [
      column(t('analytics:firstClaim'), 'month'),
      column(t('analytics:shoppers'), 'count'),
      ...Array.from({ length: months }, (_, i) =>
        column(t('analytics:afterMonths', { count: i + 1 }), 'ratio'),
      ),
    ],
    rows: cohorts.map(({ month, shoppers, again }) => [
      ...[month, shoppers ?? few],
      ...Array.from({ length: months }, (_, i) => {
        if (i >= again.length) return null;
        const count = again[i];
        return typeof count === 'number' && shoppers ? count / shoppers : few;
      }),
    ]),
  };
};

export const benchmarkTable = ({ month, rows }: Benchmarks, { t, locale }: Wording): Table => ({
  ...{ name: 'benchmarks', caption: t('analytics:benchmark') },
  columns: [
    column(t('analytics:month'), 'month'),
    column(t('analytics:category'), 'text'),
    column(t('analytics:rate'), 'text'),
    column(t('analytics:own'), 'ratio'),
    column(t('analytics:median'), 'ratio'),
    column(t('analytics:published'), 'text'),
  ],
  rows: rows.map(({ category, metric, own, median, state }) => [
    ...[month, inLocale(locale, category.nameEn, category.nameAr), t(`analytics:metric.${metric}`)],
    ...[own, median, t(`analytics:benchmarkState.${state}`)],
  ]),
});
