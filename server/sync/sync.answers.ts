import { z } from 'zod';
import { id } from '../http/fields.ts';

const instant = z.iso.datetime({ offset: true });
const title = { titleEn: z.string(), titleAr: z.string() };
const name = { nameEn: z.string(), nameAr: z.string() };
const money = { price: z.int().meta({ description: 'In minor units' }), currency: z.string() };

const offer = z.object({
  ...{ ...title, textEn: z.string(), textAr: z.string(), ...money, oldPrice: z.int().nullable() },
  ...{ startsAt: instant.nullable(), endsAt: instant.nullable() },
});
const claim = z.object({
  ...{ offerId: id, code: z.string(), state: z.enum(['open', 'redeemed', 'cancelled']), ...title, ...money },
  ...{ claimedAt: instant, expiresAt: instant.nullable(), redeemedAt: instant.nullable() },
});
const market = z.object({
  ...{ slug: z.string(), ...name, locale: z.string(), timeZone: z.string(), currency: z.string() },
});
const branch = z.object({ ...name, state: z.enum(['open', 'closed']) });

const change = z.object({
  collection: z.enum(['offers', 'claims', 'market', 'branches']),
  id,
  deleted: z.literal(true).optional().meta({ description: 'Gone, or no longer for this till' }),
  data: z.union([offer, claim, market, branch]).optional().meta({ description: 'The thing as it is now' }),
});
export type Change = z.output<typeof change>;

const quota = z
  .object({ use: z.int(), cap: z.int() })
  .meta({ description: 'The month’s redemptions by tills' });

export const pulled = z.object({
  changes: z.array(change),
  cursor: z.string(),
  more: z.boolean().meta({ description: 'Ask again at once' }),
  quota,
});
export type Pulled = z.output<typeof pulled>;

export const pullAnswer = pulled.extend({ serverTime: instant });

const conflictKinds = ['redeemed', 'cancelled', 'expired', 'unknown'] as const;

/** What became of one operation. All but `limit` are final: sent again, the same id is answered the same. */
export const result = z.object({
  id: z.string().nullable().meta({ description: 'null where the operation has none that can be read' }),
  status: z.enum(['applied', 'conflict', 'limit', 'mismatch', 'invalid']),
  kind: z.enum(conflictKinds).optional().meta({ description: 'Of a conflict; a manager decides on it' }),
  redeemedAt: instant.optional().meta({ description: 'The first redemption’s time, the skew taken out' }),
  redeemedBy: z.enum(['self', 'till', 'portal']).optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type Result = z.output<typeof result>;

export const pushAnswer = z.object({ results: z.array(result), serverTime: instant });

export const leaseAnswer = z.object({
  leaseId: id,
  count: z.int().meta({ description: 'Left of it, as the server knows' }),
  granted: z.int(),
  used: z.int(),
  expiresAt: instant,
  signature: z.string().meta({ description: 'JWS of the above by the server' }),
});
export type LeaseAnswer = z.output<typeof leaseAnswer>;

export const settledAnswer = z.object({ leaseId: id, granted: z.int(), used: z.int(), returned: z.int() });
