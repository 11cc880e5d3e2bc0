import { z } from 'zod';
import { addDays, addMonths, dayIn, daysBetween, isDay } from '../analytics/calendar.ts';
import { type FieldErrors, invalid } from '../errors.ts';
import { fieldErrors } from '../http/form.ts';

export const subjects = ['figures', 'events', 'claims'] as const;
export type Subject = (typeof subjects)[number];
export const formats = ['csv', 'jsonl'] as const;
export type Format = (typeof formats)[number];
export const cadences = ['daily', 'weekly', 'monthly'] as const;
export type Cadence = (typeof cadences)[number];

/** The longest range of one file, in days. Its size is not limited: it is written as it is read. */
const MAX_DAYS = 366;

const day = z
  .string()
  .refine(isDay, { error: 'form:format.date' })
  .meta({ format: 'date', description: 'A day of the market’s calendar; included' });

export const fileQuery = z.object({
  subject: z.enum(subjects).default('figures'),
  format: z.enum(formats).default('csv'),
  from: day.optional(),
  to: day.optional(),
});

/** What one file holds: days of the market's calendar, both included. */
export interface FileRequest {
  readonly subject: Subject;
  readonly format: Format;
  readonly from: string;
  readonly to: string;
}

/** Without a first day, so many up to the last one; without that, up to yesterday. */
const USUAL_DAYS = 30;

export const scheduleInput = z.object({
  subject: z.enum(subjects),
  format: z.enum(formats),
  cadence: z.enum(cadences),
});
export type ScheduleInput = z.output<typeof scheduleInput>;

/** @throws AppError 422 that names `subject`, `format`, `from` or `to` */
export function parseFileRequest(query: Record<string, unknown>, timeZone: string, now: Date): FileRequest {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const result = fileQuery.strict().safeParse(Object.fromEntries(given), { reportInput: true });
  if (!result.success) throw invalid(fieldErrors(result.error.issues));
  const today = dayIn(timeZone, now);
  const { subject, format, to = addDays(today, -1) } = result.data;
  const wanted = { subject, format, from: result.data.from ?? addDays(to, 1 - USUAL_DAYS), to };
  const errors = problemsOf(wanted, today);
  if (Object.keys(errors).length > 0) throw invalid(errors);
  return wanted;
}

function problemsOf({ from, to }: FileRequest, today: string): FieldErrors {
  if (to < '2000-01-01') return { to: 'exports:errors.tooEarly' };
  if (from < '2000-01-01') return { from: 'exports:errors.tooEarly' };
  if (from > to) return { from: 'exports:errors.backwards' };
  if (to > today) return { to: 'exports:errors.future' };
  if (daysBetween(from, to) >= MAX_DAYS) return { from: ['exports:errors.tooLong', { count: MAX_DAYS }] };
  return {};
}

/** The full days that a file sent today is about: yesterday, the seven days before today, or the last month. */
export function spanOf(cadence: Cadence, today: string): { from: string; to: string } {
  const yesterday = addDays(today, -1);
  if (cadence === 'daily') return { from: yesterday, to: yesterday };
  if (cadence === 'weekly') return { from: addDays(today, -7), to: yesterday };
  const first = `${today.slice(0, 8)}01`;
  return { from: addMonths(first, -1), to: addDays(first, -1) };
}
