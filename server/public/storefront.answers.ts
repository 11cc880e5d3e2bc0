import { z } from 'zod';
import { openingSchema, readHours } from '../branches/opening-hours.ts';
import { instant } from '../http/fields.ts';
import type { BranchRow, CategoryRow } from './places.queries.ts';
import type { OfferRow } from './storefront.queries.ts';

const id = z.uuid();
const name = z.object({ en: z.string(), ar: z.string() }).meta({ id: 'Bilingual' });
const distanceKm = z.number().optional().meta({ description: 'Only where `near` was given' });

export const marketAnswer = z.object({
  ...{ slug: z.string(), name, locale: z.enum(['en', 'ar']), currency: z.string(), timeZone: z.string() },
});

export const categoryAnswer = z.object({ slug: z.string(), name }).meta({ id: 'Category' });

export const branchAnswer = z
  .object({
    ...{ id, name, address: name, city: z.string(), phone: z.string() },
    ...{ latitude: z.number().nullable(), longitude: z.number().nullable() },
    ...{ hours: z.array(openingSchema), distanceKm },
  })
  .meta({ id: 'Branch' });

export const offerAnswer = z
  .object({
    ...{ id, title: name, text: name, price: z.int(), oldPrice: z.int().nullable(), currency: z.string() },
    category: categoryAnswer.nullable(),
    image: z.object({ url: z.string(), width: z.int(), height: z.int() }).nullable(),
    ...{ startsAt: instant.nullable(), endsAt: instant.nullable() },
    remaining: z.int().nullable().meta({ description: 'Claims that are left; null without a limit' }),
    perShopper: z.int(),
    branches: z.array(z.object({ id, name })),
    distanceKm,
  })
  .meta({ id: 'Offer', description: 'Prices are in minor units of the currency' });

export const offersAnswer = z.object({ items: z.array(offerAnswer), next: z.string().nullable() });
export const itemsOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });

/** @param imageUrl the address of a picture, key included: an <img> can send no header. */
export function showOffer(row: OfferRow, imageUrl: (id: string) => string): z.input<typeof offerAnswer> {
  const { id, price, old_price: oldPrice, currency, claim_limit: limit } = row;
  return {
    id,
    title: { en: row.title_en, ar: row.title_ar },
    text: { en: row.text_en, ar: row.text_ar },
    ...{ price, oldPrice, currency },
    category:
      row.category_slug === null ? null : showCategory(row.category_slug, row.category_en, row.category_ar),
    image:
      row.image_id === null ? null : { url: imageUrl(row.image_id), width: row.width, height: row.height },
    ...{ startsAt: row.starts_at, endsAt: row.ends_at },
    remaining: limit === null ? null : Math.max(0, limit - (row.claimed ?? 0)),
    perShopper: row.claim_limit_per_shopper,
    branches: [...row.branches],
    ...(row.km === null ? {} : { distanceKm: row.km }),
  };
}

const showCategory = (slug: string, en: string, ar: string): z.input<typeof categoryAnswer> => ({
  ...{ slug, name: { en, ar } },
});

export const showCategoryRow = (row: CategoryRow) => showCategory(row.slug, row.name_en, row.name_ar);

export function showBranch(row: BranchRow): z.input<typeof branchAnswer> {
  const { id, city, phone, latitude, longitude, km } = row;
  return {
    id,
    name: { en: row.name_en, ar: row.name_ar },
    address: { en: row.address_en, ar: row.address_ar },
    ...{ city, phone, latitude, longitude, hours: readHours(row.hours) },
    ...(km === null ? {} : { distanceKm: km }),
  };
}
