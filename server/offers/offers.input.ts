import { z } from 'zod';
import type { FieldErrors } from '../errors.ts';
import { text } from '../http/fields.ts';
import { decimal } from '../http/format.ts';
import { isId } from '../http/ids.ts';
import { parseMoney } from '../http/money.ts';
import { parseInputDateTime, toInputDateTime } from '../http/zoned-time.ts';

/** What a partner writes of an offer; the picture travels apart. Money in minor units. */
export interface OfferContent {
  readonly titleEn: string;
  readonly titleAr: string;
  readonly textEn: string;
  readonly textAr: string;
  readonly price: number;
  readonly oldPrice: number | null;
  readonly categoryId: string | null;
  readonly branchIds: string[];
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  /** How often it may be claimed in all; null for no limit. Limits are no part of what staff approve. */
  readonly claimLimit: number | null;
  /** How often by one shopper. */
  readonly claimLimitPerShopper: number;
}

export const TITLE_MAX = 120;
export const TEXT_MAX = 5000;
export const MOST_CLAIMS = 1_000_000;
export const MOST_CLAIMS_EACH = 100;
const MOST_BRANCHES = 500;
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** The market's own ways of writing amounts and times. */
export interface MarketUnits {
  readonly currency: string;
  readonly timeZone: string;
}

/** What the form showed, to keep the exact instant where the minute in the field was left as it was. */
export type Schedule = Pick<OfferContent, 'startsAt' | 'endsAt'>;

// Browsers send a line break as two characters, and count it as one.
const lines = (maximum: number) =>
  z
    .string()
    .transform((value) => value.replace(/\r\n?/g, '\n'))
    .pipe(text(maximum, 0));

const title = text(TITLE_MAX, 0);
/** A malformed, an unknown and a foreign id get one and the same message. */
const reference = z.string().refine(isId, { error: 'form:notOffered' }).meta({ format: 'uuid' });
const branchList = z
  .array(z.string().meta({ format: 'uuid' }))
  .max(MOST_BRANCHES)
  .refine((ids) => ids.every(isId), { error: 'form:notOffered' })
  .transform((ids) => [...new Set(ids)]);

/** The editor's form. Amounts are in major units, times on the market's wall clock. */
export function offerForm(market: MarketUnits, shown: Schedule = { startsAt: null, endsAt: null }) {
  const instant = (name: keyof Schedule) => wallClock(market.timeZone, shown[name]);
  return z
    .object({
      titleEn: title.default(''),
      titleAr: title.default(''),
      textEn: lines(TEXT_MAX).default(''),
      textAr: lines(TEXT_MAX).default(''),
      price: amount(market.currency).transform((value) => value ?? 0),
      oldPrice: amount(market.currency),
      categoryId: chosen,
      branchIds: branchList.default([]),
      startsAt: instant('startsAt'),
      endsAt: instant('endsAt'),
      claimLimit: count(MOST_CLAIMS),
      claimLimitPerShopper: count(MOST_CLAIMS_EACH).transform((value) => value ?? 1),
    })
    .superRefine((offer, context) => {
      for (const [field, message] of Object.entries(contradictions(offer))) {
        context.addIssue({ code: 'custom', path: [field], message: String(message) });
      }
    });
}

/** What else the editor sends: which version it showed, whether to submit at once, whether to drop the picture. */
export const editorExtras = z.object({
  version: z.string().max(40).catch(''),
  next: z.enum(['save', 'submit']).catch('save'),
  removeImage: z
    .literal('on')
    .optional()
    .catch(undefined)
    .transform((value) => value === 'on'),
});

const jsonInstant = z.iso
  .datetime({ offset: true })
  .refine((value) => inRange(new Date(value)), { error: 'offers:wrong.instant' })
  .transform((value) => new Date(value));
const minorUnits = z.int().min(0).max(2_000_000_000);

/** An offer in JSON: what is not given stays as it is, or empty in a new one. */
export const offerBody = z.strictObject({
  titleEn: title.optional(),
  titleAr: title.optional(),
  textEn: lines(TEXT_MAX).optional(),
  textAr: lines(TEXT_MAX).optional(),
  price: minorUnits.optional().meta({ description: "In minor units of the market's currency" }),
  oldPrice: minorUnits.nullable().optional(),
  categoryId: reference.nullable().optional(),
  branchIds: branchList.optional(),
  startsAt: jsonInstant.nullable().optional(),
  endsAt: jsonInstant
    .nullable()
    .optional()
    .meta({ description: 'The first instant at which it no longer holds' }),
  claimLimit: z
    .int()
    .min(1)
    .max(MOST_CLAIMS)
    .nullable()
    .optional()
    .meta({ description: 'In all; null for no limit. A change takes effect at once, without approval' }),
  claimLimitPerShopper: z.int().min(1).max(MOST_CLAIMS_EACH).optional(),
  imageId: reference.nullable().optional().meta({ description: 'A picture that the market has already' }),
});

export const offerPatch = offerBody.extend({
  version: z
    .string()
    .max(40)
    .meta({ description: 'The `version` of the offer that this change was made from' }),
});

/** Rules about more than one field. Empty when they agree. */
export function contradictions(
  offer: Pick<OfferContent, 'titleEn' | 'titleAr' | 'price' | 'oldPrice' | 'startsAt' | 'endsAt'>,
): FieldErrors {
  const errors: FieldErrors = {};
  if (!offer.titleEn && !offer.titleAr) errors.titleEn = 'offers:wrong.title';
  if (offer.oldPrice !== null && offer.oldPrice <= offer.price) errors.oldPrice = 'offers:wrong.oldPrice';
  if (offer.startsAt && offer.endsAt && offer.endsAt <= offer.startsAt)
    errors.endsAt = 'offers:wrong.schedule';
  return errors;
}

const chosen = z
  .string()
  .refine((value) => value === '' || isId(value), { error: 'form:notOffered' })
  .transform((value) => value || null)
  .default(null);

function amount(currency: string) {
  return z
    .string()
    .default('')
    .transform((typed, context) => {
      if (typed.trim() === '') return null;
      const minor = parseMoney(typed, currency);
      if (minor !== null) return minor;
      const message = /^\s*[-−]/.test(typed) ? 'offers:wrong.negative' : 'offers:wrong.money';
      context.addIssue({ code: 'custom', message, params: { currency, example: decimal(1250, currency) } });
      return z.NEVER;
    });
}

/** A typed whole number from 1 to `most`; null when nothing was typed. */
function count(most: number) {
  return z
    .string()
    .default('')
    .transform((typed, context) => {
      const text = typed.trim();
      if (text === '') return null;
      const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
      if (number >= 1 && number <= most) return number;
      context.addIssue({ code: 'custom', message: 'offers:wrong.count', params: { from: 1, to: most } });
      return z.NEVER;
    });
}

function wallClock(timeZone: string, shown: Date | null) {
  return z
    .string()
    .default('')
    .transform((typed, context) => {
      if (typed.trim() === '') return null;
      if (shown && typed === toInputDateTime(shown, timeZone)) return shown;
      const instant = parseInputDateTime(typed.trim(), timeZone);
      if (instant && inRange(instant)) return instant;
      context.addIssue({ code: 'custom', message: 'offers:wrong.instant', params: { timeZone } });
      return z.NEVER;
    });
}

function inRange(instant: Date): boolean {
  return instant.getTime() >= EARLIEST && instant.getTime() < LATEST;
}
