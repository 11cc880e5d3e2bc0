import { z } from 'zod';
import { instant, text } from '../http/fields.ts';
import { parseInputDateTime } from '../http/zoned-time.ts';
import { acceptOverLimit } from './below-use.ts';
import { LIMITS } from './plan-limits.ts';
import { cap } from './plans.input.ts';

const shared = { name: z.enum(LIMITS), cap, reason: text(500), acceptOverLimit };

const inOrder = ({ startsAt, endsAt }: { startsAt: Date | null; endsAt: Date | null }): boolean =>
  !endsAt || !startsAt || endsAt > startsAt;
const order = { error: 'plans:wrongOrder', path: ['endsAt'] };

const moment = instant
  .transform((value) => new Date(value))
  .nullable()
  .default(null);

/** A limit of one market alone: from a time, or at once, until another, or until it is ended. */
export const overrideInput = z.object({ ...shared, startsAt: moment, endsAt: moment }).refine(inOrder, order);

export type OverrideInput = z.output<typeof overrideInput>;

/** The same as a form sends it: times by the market's clock, empty for none. */
export function overrideForm(timeZone: string) {
  const typed = z
    .string()
    .trim()
    .default('')
    .transform((value, ctx) => {
      if (value === '') return null;
      const at = parseInputDateTime(value, timeZone);
      if (!at) ctx.addIssue({ code: 'custom', message: 'plans:wrongTime' });
      return at;
    });
  return z.object({ ...shared, startsAt: typed, endsAt: typed }).refine(inOrder, order);
}
