import { z } from 'zod';
import { email, id, optionalText, text } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';
import { acceptOverLimit } from '../plans/below-use.ts';
import { MARKET_STATES, SUPPORT_CONSENTS } from './market-states.ts';

const TIME_ZONES = new Set(Intl.supportedValuesOf('timeZone'));
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

const settings = {
  nameEn: text(120),
  nameAr: text(120),
  planId: z.string().regex(/^[a-z]{1,32}$/, { error: 'form:notOffered' }),
  locale: z.enum(['en', 'ar']),
  timeZone: z.string().refine((zone) => TIME_ZONES.has(zone), { error: 'markets:badTimeZone' }),
};

/** A market and the person who will own it. */
export const marketInput = z.object({
  ...settings,
  slug: text(63).refine((slug) => /^[a-z0-9](-?[a-z0-9]){1,62}$/.test(slug), { error: 'markets:badSlug' }),
  currency: z
    .string()
    .trim()
    .toUpperCase()
    .refine((code) => CURRENCIES.has(code), { error: 'markets:badCurrency' }),
  ownerName: text(120),
  ownerEmail: email,
});

export type MarketInput = z.output<typeof marketInput>;

/** What stays changeable later: prices are stored in the currency, so that one does not. */
export const marketSettings = z.object({ ...settings, acceptOverLimit });

export type MarketSettings = z.output<typeof marketSettings>;

/** What an owner may change about their own market; the rest is the platform's. */
export const ownMarketInput = z.object({
  nameEn: settings.nameEn,
  nameAr: settings.nameAr,
  locale: settings.locale,
  /** How the platform's support may look at it; left as it is when absent. */
  supportConsent: z.enum(SUPPORT_CONSENTS).optional(),
});

export type OwnMarketInput = z.output<typeof ownMarketInput>;

/** A change of state; a suspension or closure has to say why, because the market's people are told. */
export const stateInput = z
  .object({ state: z.enum(['active', 'suspended', 'closed']), reason: optionalText(500) })
  .refine(({ state, reason }) => state === 'active' || reason !== '', {
    error: 'markets:reasonNeeded',
    path: ['reason'],
  });

/** The same for the rows that were ticked. */
export const bulkInput = z
  .object({
    ids: z.array(id, { error: 'markets:chooseSome' }).min(1, { error: 'markets:chooseSome' }).max(100),
    state: z.enum(['active', 'suspended']),
    reason: optionalText(500),
  })
  .refine(({ state, reason }) => state === 'active' || reason !== '', {
    error: 'markets:reasonNeeded',
    path: ['reason'],
  });

export const marketList = defineList({
  sorts: {
    name: { field: 'nameEn', kind: 'text' },
    created: { field: 'createdAt', kind: 'instant' },
    state: { field: 'state', kind: 'text' },
    plan: { field: 'planId', kind: 'text' },
  },
  sort: 'created',
  dir: 'desc',
  filters: {
    state: z.enum(MARKET_STATES).optional(),
    plan: z
      .string()
      .regex(/^[a-z]{1,32}$/)
      .optional(),
  },
});
