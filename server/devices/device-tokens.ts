import { decodeJwt } from 'jose';
import { v4 as random } from 'uuid';
import { z } from 'zod';
import { createTokens, type TokenKey } from '../auth/tokens.ts';
import { unauthorized } from '../errors.ts';
import { id } from '../http/fields.ts';
import { type DeviceOperation, operations } from './device-operations.ts';

export const TOKEN_SECONDS = 900;
export const CHALLENGE_SECONDS = 60;
/** How far two processes' clocks may be apart. */
const LEEWAY = 60;

export interface TokenClaims {
  readonly deviceId: string;
  readonly marketId: string;
  readonly branchId: string;
  readonly operations: readonly DeviceOperation[];
  /** Thumbprint of the one key whose proofs make the token worth something. */
  readonly thumbprint: string;
}

export interface DeviceTokens {
  sign(claims: TokenClaims, issuedAt: Date): Promise<string>;
  /** @throws AppError 401 `token-expired` for one that was good once, `till-token-refused` at any other doubt. */
  verify(token: string, now: Date): Promise<TokenClaims>;
  challenge(deviceId: string, now: Date): Promise<string>;
  /** The id under which a challenge is used up, or null at any doubt: another till's, and one that is out of date. */
  answered(challenge: string, deviceId: string, now: Date): Promise<string | null>;
}

const shape = z.object({
  ...{ sub: id, mkt: id, brn: id, iat: z.int(), exp: z.int() },
  ops: operations,
  cnf: z.strictObject({ jkt: z.string().regex(/^[\w-]{43}$/) }),
});
const challenged = z.object({ sub: id, jti: z.uuid() });

/** Signed with the device surface's keys alone; a token and a challenge have audiences of their own. */
export function createDeviceTokens(keys: readonly TokenKey[]): DeviceTokens {
  const tokens = createTokens('device', keys);
  const read = async (token: string, at: Date) => {
    const claims = shape.safeParse(await tokens.verify('sync', token, at)).data;
    return claims && claims.exp - claims.iat <= TOKEN_SECONDS ? claims : null;
  };
  return {
    sign: ({ deviceId, marketId, branchId, operations: ops, thumbprint }, issuedAt) =>
      tokens.sign(
        'sync',
        { sub: deviceId, mkt: marketId, brn: branchId, ops, cnf: { jkt: thumbprint } },
        { issuedAt, seconds: TOKEN_SECONDS },
      ),
    verify: async (token, now) => {
      const claims = await read(token, now);
      if (claims && claims.iat <= now.getTime() / 1_000 + LEEWAY) return claimsOf(claims);
      const issued = issuedAt(token);
      const wasGood = issued && issued < now && (await read(token, issued)) !== null;
      throw unauthorized(wasGood ? 'token-expired' : 'till-token-refused');
    },
    challenge: (deviceId, now) =>
      tokens.sign(
        'challenge',
        { sub: deviceId, jti: random() },
        { issuedAt: now, seconds: CHALLENGE_SECONDS },
      ),
    answered: async (challenge, deviceId, now) => {
      const claims = challenged.safeParse(await tokens.verify('challenge', challenge, now)).data;
      return claims?.sub === deviceId ? claims.jti : null;
    },
  };
}

function issuedAt(token: string): Date | null {
  try {
    const { iat } = decodeJwt(token);
    return typeof iat === 'number' ? new Date(iat * 1_000) : null;
  } catch {
    return null;
  }
}

const claimsOf = ({ sub, mkt, brn, ops, cnf }: z.output<typeof shape>): TokenClaims => ({
  ...{ deviceId: sub, marketId: mkt, branchId: brn, operations: ops, thumbprint: cnf.jkt },
});
