import { z } from 'zod';
import { optionalText, text } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';
import { DAYS, type Opening, openingHours } from './opening-hours.ts';

/** Kilometre-sized errors begin beyond the range, so a swapped pair is the likely mistake: the message says the range. */
const degrees = (most: number) => z.number().min(-most).max(most).nullable();

const place = {
  nameEn: text(120),
  nameAr: text(120),
  addressEn: optionalText(200),
  addressAr: optionalText(200),
  city: optionalText(80),
  phone: optionalText(24).refine((value) => value === '' || /^\+?[\d ()-]{5,24}$/.test(value), {
    error: 'branches:badPhone',
  }),
};

type Located = { latitude: number | null; longitude: number | null };
const bothOrNeither = ({ latitude, longitude }: Located): boolean =>
  (latitude === null) === (longitude === null);

/** A branch as the API takes it. */
export const branchInput = z
  .object({
    ...place,
    latitude: degrees(90).default(null),
    longitude: degrees(180).default(null),
    hours: openingHours.default([]),
  })
  .refine(bothOrNeither, { error: 'branches:halfAPlace', path: ['longitude'] });

export type BranchInput = z.output<typeof branchInput>;

/** A number typed into a text field: plain decimal notation only, so `1e3`, `0x10` and `Infinity` are no places. */
const typedDegrees = (most: number) =>
  z
    .string()
    .trim()
    .default('')
    .refine((value) => value === '' || /^[+-]?\d{1,3}(\.\d{1,8})?$/.test(value), {
      error: 'branches:badDegrees',
    })
    .transform((value) => (value === '' ? null : Number(value)))
    .pipe(degrees(most));

const typedTime = z.string().trim().max(8).default('');
const timeFields = Object.fromEntries(
  DAYS.flatMap((day) => [
    [`opens-${day}`, typedTime],
    [`closes-${day}`, typedTime],
  ]),
);

/** The same as a form sends it: one pair of times a day, both or neither filled in. */
export const branchForm = z
  .object({ ...place, latitude: typedDegrees(90), longitude: typedDegrees(180), ...timeFields })
  .transform((typed, issues): BranchInput => {
    const fields = typed as unknown as Record<string, string> & Omit<BranchInput, 'hours'>;
    const hours = DAYS.flatMap((day) => readDay(day, fields, issues));
    const { nameEn, nameAr, addressEn, addressAr, city, phone, latitude, longitude } = fields;
    return { nameEn, nameAr, addressEn, addressAr, city, phone, latitude, longitude, hours };
  })
  .refine(bothOrNeither, { error: 'branches:halfAPlace', path: ['longitude'] });

function readDay(
  day: (typeof DAYS)[number],
  fields: Record<string, unknown>,
  issues: z.RefinementCtx,
): Opening[] {
  const opens = String(fields[`opens-${day}`] ?? '');
  const closes = String(fields[`closes-${day}`] ?? '');
  if (opens === '' && closes === '') return [];
  const read = openingHours.safeParse([{ day, opens, closes }]);
  if (read.success) return read.data;
  const which = String(read.error.issues[0]?.path.at(-1));
  issues.addIssue({ code: 'custom', message: 'branches:badTime', path: [`${which}-${day}`] });
  return [];
}

export const branchList = defineList({
  sorts: {
    name: { field: 'nameEn', kind: 'text' },
    city: { field: 'city', kind: 'text' },
    created: { field: 'createdAt', kind: 'instant' },
  },
  sort: 'name',
  dir: 'asc',
  filters: { state: z.enum(['open', 'closed']).optional() },
});
