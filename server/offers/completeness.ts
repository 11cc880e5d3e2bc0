import type { FieldErrors } from '../errors.ts';
import type { OfferContent } from './offers.input.ts';

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
