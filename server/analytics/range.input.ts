import { z } from 'zod';
import { type FieldErrors, invalid } from '../errors.ts';
import { fieldErrors } from '../http/form.ts';
import { addDays, dayIn, daysBetween, isDay } from './calendar.ts';
import { type Kind, kinds } from './figures.ts';
import { comparisons, MAX_DAYS, presets, type Range, rangeOf, spanOf } from './range.ts';

const day = z
  .string()
  .refine(isDay, { error: 'form:format.date' })
  .meta({ format: 'date', description: 'With `range=custom`: a full day of the market’s calendar' });

/** What of a URL says which days to look at. */
export const rangeQuery = z.object({
  range: z
    .enum(presets)
    .default('30')
    .meta({ description: 'Full days of the market’s calendar, today left out' }),
  from: day.optional(),
  to: day.optional(),
  compare: z
    .enum(comparisons)
    .default('previous')
    .meta({ description: 'As many days before, or those that began a year earlier' }),
});
export type RangeQuery = z.output<typeof rangeQuery>;

/** Narrows figures to an offer, a branch or both. An id that is malformed, unknown or foreign is answered alike: 404. */
export const partQuery = z.object({
  offer: z.string().optional().meta({ description: 'Id of an offer: its figures alone' }),
  branch: z.string().optional().meta({ description: 'Id of a branch: its figures alone' }),
});

/** Which kind of event a picture of one kind shows. @throws AppError 422 that names `measure` */
export function parseMeasure(query: Record<string, unknown>): Kind {
  const result = measureQuery.safeParse({ measure: query.measure || undefined }, { reportInput: true });
  if (!result.success) throw invalid(fieldErrors(result.error.issues));
  return result.data.measure;
}

export const measureQuery = z.object({ measure: z.enum(kinds).default('claim') });

/**
 * The range that a URL asks for, by the calendar of `timeZone`. Parameters that say something else are left alone.
 * @throws AppError 422 that names `range`, `from`, `to` or `compare`
 */
export const parseRange = (query: Record<string, unknown>, timeZone: string, now: Date): Range =>
  parseRangeFrom(query, dayIn(timeZone, now));

/** The same, by a calendar on which it is `today`. @throws AppError 422 */
export function parseRangeFrom(query: Record<string, unknown>, today: string): Range {
  const { range, from, to, compare } = query;
  const given = Object.entries({ range, from, to, compare }).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const result = rangeQuery.safeParse(Object.fromEntries(given), { reportInput: true });
  if (!result.success) throw invalid(fieldErrors(result.error.issues));
  return resolveRange(result.data, today);
}

function resolveRange({ range, from, to, compare }: RangeQuery, today: string): Range {
  if (range !== 'custom') return rangeOf(spanOf(range, today), today, range, compare);
  if (!from || !to) {
    throw invalid({ ...(from ? {} : { from: 'form:required' }), ...(to ? {} : { to: 'form:required' }) });
  }
  const errors = problemsOf(from, to, today);
  if (Object.keys(errors).length > 0) throw invalid(errors);
  return rangeOf({ from, to }, today, range, compare);
}

function problemsOf(from: string, to: string, today: string): FieldErrors {
  if (to >= today) return { to: ['analytics:errors.notOver', { day: addDays(today, -1) }] };
  if (from > to) return { from: 'analytics:errors.backwards' };
  if (daysBetween(from, to) >= MAX_DAYS) return { from: ['analytics:errors.tooLong', { count: MAX_DAYS }] };
  if (from < '2000-01-01') return { from: 'analytics:errors.tooEarly' };
  return {};
}
