import { shopperLabel } from '../shoppers/shopper-scope.ts';
import { redemptionUrl, spelled } from './claim-code.ts';
import { type ClaimRow, claimStateOf, type OwnClaim } from './claims.queries.ts';
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

/** What a list says besides the row's own columns; an address of who wants messages alone. */
export function shownRow(row: ClaimRow, now: Date) {
  const { contact } = row.shopper ?? {};
  return {
    state: claimStateOf(row, now),
    spelled: spelled(row.code),
    label: row.shopperId && shopperLabel(row.shopperId),
    email: contact?.optedInAt ? contact.email : null,
  };
}
