import { z } from 'zod';
import { email, latinDigits, phone } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

const locale = z.enum(['en', 'ar']);

export const codeRequest = z.strictObject({ email, locale: locale.optional() });

export const sessionRequest = z.strictObject({
  email,
  /** Arabic keyboards have digits of their own, and people copy spaces along. */
  code: z
    .string()
    .max(40)
    .transform((typed) => latinDigits(typed).replace(/[\s-]/g, ''))
    .refine((code) => /^\d{6}$/.test(code), { error: 'shoppers:codeForm' }),
  locale: locale.optional(),
});

export const profileChange = z
  .strictObject({
    ...{ locale: locale.optional(), optedIn: z.boolean().optional() },
    phone: phone
      .nullable()
      .optional()
      .meta({ description: 'Null takes the number away. A new one starts without opt-in' }),
    phoneOptedIn: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { error: 'shoppers:nothingGiven' });

/** Somebody who is looked for by the whole address. */
export const lookupRequest = z.strictObject({ email });

/** A market's shoppers as staff list them. */
export const shopperList = defineList({
  sorts: { created: { field: 'createdAt', kind: 'instant' } },
  sort: 'created',
  dir: 'desc',
  filters: { optedIn: z.enum(['yes', 'no']).optional() },
});

/** The same from a page: no number is an empty field, and a box that is not ticked does not arrive. */
export const messagesForm = z.object({
  optedIn: z.preprocess((value) => value === 'on', z.boolean()),
  phone: z.preprocess((value) => (value === '' ? null : value), phone.nullable().optional()),
  phoneOptedIn: z.preprocess((value) => value === 'on', z.boolean()),
});
