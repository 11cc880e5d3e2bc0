import { z } from 'zod';
import { id } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';
import { readCode } from './claim-code.ts';

/** A malformed id is an unknown one: what becomes of either is the service's to say. */
export const claimRequest = z.strictObject({ offerId: z.string().max(100) });

export const claimStates = ['open', 'expired', 'redeemed', 'cancelled'] as const;

const sorts = { claimed: { field: 'claimedAt', kind: 'instant' } } as const;

/** A shopper's own claims, newest first. */
export const ownClaimList = defineList({ sorts, sort: 'claimed', dir: 'desc', filters: {} });

export const ownClaimQuery = z.strictObject({
  cursor: z.string().max(4_000).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});

/** A market's claims. `q` is a code or its beginning. */
export const claimList = defineList({
  sorts,
  sort: 'claimed',
  dir: 'desc',
  filters: { state: z.enum(claimStates).optional(), offer: id.optional(), branch: id.optional() },
});

/** The same for staff, who have no need of a market's branches. */
export const claimListOfMarket = defineList({
  sorts,
  sort: 'claimed',
  dir: 'desc',
  filters: { state: z.enum(claimStates).optional(), offer: id.optional() },
});

const code = z.string().max(400).transform(readCode);

export const redemptionBody = z.strictObject({
  code: code.meta({ description: 'As typed, or the address that the QR code says' }),
  branchId: z
    .string()
    .max(100)
    .nullable()
    .optional()
    .meta({ format: 'uuid', description: 'An open branch; needed unless the market has none' }),
});

export const redemptionForm = z.object({
  code: code.default(''),
  branchId: z
    .string()
    .max(100)
    .transform((value) => value || null)
    .default(null),
});
