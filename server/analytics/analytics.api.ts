import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { type Operation, type OperationInput, operation } from '../http/api.ts';
import { id } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { marketBenchmarks, metrics } from './benchmark.queries.ts';
import { branchRows } from './branch-rows.ts';
import { dayFigures } from './days.queries.ts';
import type { Figures } from './figures.ts';
import { weekHours } from './hours.queries.ts';
import { listOfferRows, offerFigureList } from './offer-rows.ts';
import { findPart } from './part.queries.ts';
import { measureQuery, parseMeasure, parseRange, partQuery, rangeQuery } from './range.input.ts';
import type { Range } from './range.ts';
import { medianRedeemMinutes } from './redeem-time.queries.ts';
import { returningShoppers } from './returning.queries.ts';

const tag = 'Analytics';
const day = z.iso.date();
const ratio = z.number().nullable();
const span = z.object({ from: day, to: day });
const counts = z.object({ views: z.int(), claims: z.int(), redemptions: z.int() });
const changes = z.object({ views: ratio, claims: ratio, redemptions: ratio });
const rates = counts.extend({ claimRate: ratio, redemptionRate: ratio });
const dayRow = counts.extend({ day });

/** Figures by day, of a market here and of all markets for staff. */
export const daysAnswer = z.object({
  ...{ span, spanBefore: span },
  mayChange: z.int().meta({ description: 'How many of the last days can still grow by late events' }),
  ...{ days: z.array(dayRow), daysBefore: z.array(dayRow), total: counts, totalBefore: counts },
  change: changes.meta({ description: 'Ratios against the days before; null when there was nothing' }),
});

/** The JSON twins of the pictures on the analytics page. */
export function analyticsPartnerOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  const query = rangeQuery.extend(partQuery.shape);
  type Input = Pick<OperationInput<z.ZodType, z.ZodType, undefined>, 'req'>;
  const asked = async (db: ScopedClient, { req }: Input) => {
    const { timeZone } = req.session!.market!;
    const { offerId, branchId } = await findPart(db, req.query);
    const part = { ...(offerId ? { offerId } : {}), ...(branchId ? { branchId } : {}) };
    return { timeZone, part, range: parseRange(req.query, timeZone, clock()) };
  };
  return [
    operation({
      ...{ method: 'get', path: '/analytics/days', tag, summary: 'Views, claims and redemptions by day' },
      ...{ query, response: daysAnswer },
      handler: async (db, input) => {
        const { range, part } = await asked(db, input);
        return answerDays(range, await dayFigures(db, range, part));
      },
    }),
    operation({
      ...{ method: 'get', path: '/analytics/offers', tag, summary: 'Figures by offer' },
      query: listSchema(offerFigureList),
      response: z.object({
        span,
        rows: z.array(rates.extend({ id, titleEn: z.string(), titleAr: z.string() })),
        ...{ next: z.string().nullable(), previous: z.string().nullable() },
      }),
      handler: async (db, input) => {
        const { range, part } = await asked(db, input);
        const list = parseList(offerFigureList, input.req.query, 'strict');
        return { span: range, ...(await listOfferRows(db, range, list, part)) };
      },
    }),
    operation({
      ...{ method: 'get', path: '/analytics/branches', tag, summary: 'Figures by branch' },
      query,
      response: z.object({
        span,
        rows: z.array(
          rates.extend({
            id: id.nullable().meta({ description: 'Null for what named no branch' }),
            ...{ nameEn: z.string(), nameAr: z.string() },
          }),
        ),
      }),
      handler: async (db, input) => {
        const { range, part } = await asked(db, input);
        return { span: range, rows: await branchRows(db, range, part) };
      },
    }),
    operation({
      ...{ method: 'get', path: '/analytics/hours', tag, summary: 'An average week by hour' },
      query: rangeQuery.extend(measureQuery.shape),
      response: z.object({
        span,
        week: z.array(z.array(z.number())).meta({
          description: 'Sunday to Saturday, each of 24 hours of the market’s clock: events on average',
        }),
      }),
      handler: async (db, input) => {
        const { range } = await asked(db, input);
        return { span: range, week: await weekHours(db, range, parseMeasure(input.req.query)) };
      },
    }),
    operation({
      ...{ method: 'get', path: '/analytics/funnel', tag, summary: 'From view to claim to redemption' },
      query,
      response: counts.extend({
        ...{ span, claimRate: ratio, redemptionRate: ratio },
        medianMinutes: ratio.meta({
          description: 'From claim to redemption, over the latest redeemed claims',
        }),
      }),
      handler: async (db, input) => {
        const { range, part, timeZone } = await asked(db, input);
        const { total } = await dayFigures(db, range, part);
        const medianMinutes = await medianRedeemMinutes(db, range, timeZone, part);
        const [claimRate, redemptionRate] = [over(total.claim, total.view), over(total.redeem, total.claim)];
        return { span: range, ...countsOf(total), claimRate, redemptionRate, medianMinutes };
      },
    }),
    operation({
      ...{
        method: 'get',
        path: '/analytics/returning',
        tag,
        summary: 'Returning shoppers by month of first claim',
      },
      response: z.object({
        rows: z.array(
          z.object({
            month: day,
            shoppers: z.int().nullable().meta({ description: 'Null for fewer than five' }),
            again: z.array(z.int().nullable()).meta({
              description: 'Who claimed again one month after, two months after, …; null for fewer than five',
            }),
          }),
        ),
      }),
      handler: async (db, input) => ({
        rows: await returningShoppers(db, (await asked(db, input)).range.today),
      }),
    }),
    operation({
      ...{ method: 'get', path: '/analytics/benchmarks', tag, summary: 'Own rates beside the market median' },
      description:
        'A median is published for a month that has ended, if at least eleven markets stand behind it.',
      response: z.object({
        month: day,
        rows: z.array(
          z.object({
            category: z.object({ id, nameEn: z.string(), nameAr: z.string() }),
            ...{ metric: z.enum(metrics), own: ratio, median: ratio },
            state: z.enum(['published', 'too-few', 'not-yet']),
          }),
        ),
      }),
      handler: async (db, input) => marketBenchmarks(db, (await asked(db, input)).range.today),
    }),
  ];
}

const over = (part: number, whole: number) => (whole === 0 ? null : part / whole);

const countsOf = (of: Figures['total']) => ({ views: of.view, claims: of.claim, redemptions: of.redeem });

/** Figures by day as JSON. */
export function answerDays(range: Range, { days, series, before, total, change }: Figures) {
  const rows = (names: readonly string[], of: Figures['series']) =>
    names.map((name, i) => ({
      day: name,
      views: of.view[i],
      claims: of.claim[i],
      redemptions: of.redeem[i],
    }));
  return {
    ...{ span: { from: range.from, to: range.to }, spanBefore: range.before, mayChange: range.late },
    ...{ days: rows(days, series), daysBefore: rows(before.days, before.series) },
    ...{ total: countsOf(total), totalBefore: countsOf(before.total) },
    change: { views: change.view, claims: change.claim, redemptions: change.redeem },
  };
}
