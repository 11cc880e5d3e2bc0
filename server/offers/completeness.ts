import type { FieldErrors } from '../errors.ts';
import type { OfferContent } from './offers.input.ts';

const REQUIRED = [
  'titleEn',
  'titleAr',
  'textEn',
  'textAr',
  'price',
  'categoryId',
  'endsAt',
  'branchIds',
] as const;

/** The same of a form that can't be read yet: what is simply empty, so that one look shows all there is to do. */
export function blank(values: Record<string, unknown>): FieldErrors {
  const isEmpty = (value: unknown) =>
    value === undefined ||
    (typeof value === 'string' && value.trim() === '') ||
    (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(
    REQUIRED.filter((name) => isEmpty(values[name])).map((name) => [name, `offers:missing.${name}`]),
  );
}

/**
 * What still keeps an offer from being shown to shoppers, one message a field; empty when nothing does. A draft
 * may lack any of it; what staff decide about, and what is live, may not. The picture is optional.
 */
export function missing(offer: OfferContent, now: Date): FieldErrors {
  const errors: FieldErrors = {};
  for (const name of ['titleEn', 'titleAr', 'textEn', 'textAr'] as const) {
    if (!offer[name]) errors[name] = `offers:missing.${name}`;
  }
  if (offer.price <= 0) errors.price = 'offers:missing.price';
  if (!offer.categoryId) errors.categoryId = 'offers:missing.categoryId';
  if (!offer.endsAt) errors.endsAt = 'offers:missing.endsAt';
  else if (offer.endsAt <= now) errors.endsAt = 'offers:missing.endsLater';
  if (offer.branchIds.length === 0) errors.branchIds = 'offers:missing.branchIds';
  return errors;
}
