import { z } from 'zod';
import { createTokens, type TokenKey } from '../auth/tokens.ts';
import { id } from '../http/fields.ts';

export type { TokenKey };

/** A token lives as long as its session. */
export const SHOPPER_DAYS = 30;

export interface ShopperClaims {
  readonly shopperId: string;
  readonly marketId: string;
  readonly sessionId: string;
}

export interface ShopperTokens {
  sign(claims: ShopperClaims, issuedAt: Date): Promise<string>;
  /** Null at any doubt: another issuer, audience, key or algorithm, out of date, or claims of another form. */
  verify(token: string, now: Date): Promise<ShopperClaims | null>;
}

const shape = z.object({ sub: id, mkt: id, sid: id });

/** Signed with the public surface's keys alone: a portal's token is none here, and the reverse. */
export function createShopperTokens(keys: readonly TokenKey[]): ShopperTokens {
  const tokens = createTokens('public', keys);
  return {
    sign: ({ shopperId, marketId, sessionId }, issuedAt) =>
      tokens.sign(
        'shopper',
        { sub: shopperId, mkt: marketId, sid: sessionId },
        { issuedAt, seconds: SHOPPER_DAYS * 86_400 },
      ),
    verify: async (token, now) => {
      const read = shape.safeParse(await tokens.verify('shopper', token, now));
      if (!read.success) return null;
      const { sub: shopperId, mkt: marketId, sid: sessionId } = read.data;
      return { shopperId, marketId, sessionId };
    },
  };
}
