import { z } from 'zod';
import type { DocumentedOperation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { claimRequest, ownClaimQuery } from './claims.input.ts';

const claim = z
  .object({
    ...{ id, offerId: id, code: z.string(), state: z.enum(['open', 'redeemed', 'cancelled']) },
    title: z.object({ en: z.string(), ar: z.string() }),
    price: z.int().meta({ description: 'In minor units, as it was when it was claimed' }),
    ...{ currency: z.string(), claimedAt: instant, expiresAt: instant.nullable() },
    redeemedAt: instant.nullable(),
    qr: z.object({
      size: z.int(),
      path: z.string().meta({ description: 'The `d` of an SVG path for a viewBox of 0 0 size size' }),
      url: z.string(),
    }),
  })
  .meta({ id: 'OwnClaim' });

const own = { tag: 'Claims', auth: 'shopper' } as const;

/** What /public/v1/openapi.json says of claims. */
export const claimsDocuments: readonly DocumentedOperation[] = [
  {
    ...{ ...own, method: 'get', path: '/claims', summary: 'Own claims, the newest first' },
    ...{ query: ownClaimQuery, response: z.object({ items: z.array(claim), next: z.string().nullable() }) },
  },
  {
    ...{ ...own, method: 'post', path: '/claims', summary: 'Claim an offer' },
    description:
      '409 `sold-out` when all are claimed, 409 `claimed-already` when this shopper has had theirs.',
    ...{ body: claimRequest, response: claim, status: 201 },
  },
  {
    ...{ ...own, method: 'get', path: '/claims/:id', summary: 'One claim, with its code and QR code' },
    ...{ params: z.object({ id }), response: claim },
  },
];
