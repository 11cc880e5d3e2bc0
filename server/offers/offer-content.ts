import type { OfferDetail } from './offers.queries.ts';

/** The content that a decision was about, as it is kept with it. Instants as ISO 8601, money in minor units. */
export interface ContentSnapshot {
  readonly titleEn: string;
  readonly titleAr: string;
  readonly textEn: string;
  readonly textAr: string;
  readonly price: number;
  readonly oldPrice: number | null;
  readonly currency: string;
  readonly categoryId: string | null;
  readonly imageId: string | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly branchIds: string[];
}

export function snapshotOf(offer: OfferDetail): ContentSnapshot {
  const { titleEn, titleAr, textEn, textAr, price, oldPrice, currency, categoryId, imageId } = offer;
  return {
    ...{ titleEn, titleAr, textEn, textAr, price, oldPrice, currency, categoryId, imageId },
    startsAt: offer.startsAt?.toISOString() ?? null,
    endsAt: offer.endsAt?.toISOString() ?? null,
    branchIds: [...offer.branchIds].sort(),
  };
}
