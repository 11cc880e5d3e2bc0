import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import { v7 as uuid } from 'uuid';
import type { MarketFixture } from './two-markets.ts';

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code as claims have them. */
export const newCode = (): string => [...randomBytes(8)].map((byte) => LETTERS[byte & 31]).join('');

export interface ClaimOptions {
  readonly offerId?: string;
  readonly expiresAt?: Date | null;
  readonly claimedAt?: Date;
}

export interface MadeClaim {
  readonly id: string;
  readonly code: string;
}

/** Open claims of an offer, as many shoppers would have made them, noted for tills in the same transaction. */
export async function insertClaims(
  client: ClientBase,
  market: MarketFixture,
  number: number,
  {
    offerId = market.liveOffer,
    expiresAt = null,
    claimedAt = new Date(Date.now() - 86_400_000),
  }: ClaimOptions = {},
): Promise<MadeClaim[]> {
  const claims = Array.from({ length: number }, () => ({ id: uuid(), code: newCode() }));
  await client.query('begin; set local session_replication_role = replica');
  await client.query(
    `insert into claim (market_id, id, offer_id, code, state, title_en, title_ar, price, currency, claimed_at, expires_at)
     select $1, id, $2, code, 'open', 'A coupon', 'قسيمة', 1000, 'SAR', $3, $4
     from json_to_recordset($5) as given (id uuid, code text)`,
    [market.marketId, offerId, claimedAt, expiresAt, JSON.stringify(claims)],
  );
  await client.query('set local session_replication_role = origin');
  await client.query(
    `select count(app.touch_thing($1, id, 'claims', $2)) from json_to_recordset($3) as given (id uuid)`,
    [market.marketId, offerId, JSON.stringify(claims)],
  );
  await client.query('commit');
  return claims;
}

/** An operation as a till would keep it. */
export const redemptionOf = (code: string, more: { id?: string; at?: Date; leaseId?: string } = {}) => ({
  id: more.id ?? uuid(),
  collection: 'redemptions',
  data: {
    ...{ code, redeemedAt: (more.at ?? new Date()).toISOString() },
    ...(more.leaseId ? { leaseId: more.leaseId } : {}),
  },
});
