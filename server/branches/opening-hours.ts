import { z } from 'zod';

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
/** One day's opening in the market's wall clock. `closes` at or before `opens` is a time of the next morning. */
export const openingSchema = z.object({
  day: z.enum(DAYS),
  opens: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'branches:badTime' }),
  closes: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'branches:badTime' }),
});

export type Opening = z.output<typeof openingSchema>;

/** At most one opening a day; days that are left out are closed. */
export const openingHours = z
  .array(openingSchema)
  .max(7)
  .refine((hours) => new Set(hours.map(({ day }) => day)).size === hours.length, {
    error: 'branches:dayTwice',
  });

/** What the database holds is ours, but it is JSON: anything else reads as "not known". */
export function readHours(stored: unknown): Opening[] {
  const hours = openingHours.safeParse(stored);
  return hours.success ? hours.data : [];
}
