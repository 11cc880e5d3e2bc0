import { redemptionUrl } from './claim-code.ts';
import type { OwnClaim } from './claims.queries.ts';
import { type Qr, qrOf } from './qr.ts';

/** A claim as its shopper sees it: what was promised then, and what to show at the till. */
export interface ShownClaim {
  readonly id: string;
  readonly offerId: string;
  readonly code: string;
  readonly state: string;
  readonly title: { readonly en: string; readonly ar: string };
  /** In minor units of `currency`. */
  readonly price: number;
  readonly currency: string;
  readonly claimedAt: Date;
  readonly expiresAt: Date | null;
  readonly redeemedAt: Date | null;
  readonly qr: Qr & { readonly url: string };
}

/** @param publicUrl where the partner portal is, for the QR code. */
export function shownClaim({ titleEn, titleAr, ...claim }: OwnClaim, publicUrl: string): ShownClaim {
  const url = redemptionUrl(publicUrl, claim.code);
  return { ...claim, title: { en: titleEn, ar: titleAr }, qr: { ...qrOf(url), url } };
}
