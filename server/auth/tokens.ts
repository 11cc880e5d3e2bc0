import { createSecretKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';

export interface TokenKey {
  readonly kid: string;
  readonly key: Uint8Array;
}

/** Each kind has an audience of its own, so that none can stand in for another. */
export type TokenKind =
  | 'access'
  | 'refresh'
  | 'choice'
  | 'reset'
  | 'invitation'
  | 'shopper'
  | 'sync'
  | 'challenge'
  | 'support';

export const ALGORITHM = 'HS256';
export const ACCESS_SECONDS = 600;
export const REFRESH_SECONDS = 30 * 86_400;

export interface Issued {
  readonly issuedAt: Date;
  readonly seconds: number;
}

export interface TokenService {
  readonly issuer: string;
  audience(kind: TokenKind): string;
  /** The key a token names in its header, or undefined: never "try them all". */
  keyOf(token: string): KeyObject | undefined;
  /** Same claims and times, same token: two requests that rotate together get equal successors. */
  sign(kind: TokenKind, claims: Record<string, unknown>, issued: Issued): Promise<string>;
  /** The claims, or null for any doubt. For tokens that aren't a request's own: choice, reset, invitation. */
  verify(kind: TokenKind, token: string, now: Date): Promise<Record<string, unknown> | null>;
}

/** Tokens of one portal, or of the public surface: its own keys (the first signs, all verify), issuer and audiences. */
export function createTokens(portal: string, keys: readonly TokenKey[]): TokenService {
  const issuer = `bulkhead-${portal}`;
  const byKid = new Map(keys.map(({ kid, key }) => [kid, createSecretKey(key)]));
  const audience = (kind: TokenKind) => `${issuer}/${kind}`;
  const keyOf = (token: string) => byKid.get(kidOf(token));
  return {
    issuer,
    audience,
    keyOf,
    sign: (kind, claims, { issuedAt, seconds }) => {
      const issued = Math.floor(issuedAt.getTime() / 1000);
      return new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, kid: keys[0]!.kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(audience(kind))
        .setIssuedAt(issued)
        .setExpirationTime(issued + seconds)
        .sign(byKid.get(keys[0]!.kid)!);
    },
    verify: async (kind, token, now) => {
      const key = keyOf(token);
      if (!key) return null;
      const pinned = { algorithms: [ALGORITHM], issuer, audience: audience(kind), currentDate: now };
      const result = await jwtVerify(token, key, { ...pinned, requiredClaims: ['exp'] }).catch(() => null);
      return result?.payload ?? null;
    },
  };
}

function kidOf(token: string): string {
  try {
    return String(decodeProtectedHeader(token).kid ?? '');
  } catch {
    return '';
  }
}
