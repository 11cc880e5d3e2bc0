import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { z } from 'zod';
import { AppError, unauthorized } from '../errors.ts';

/** The public half of a till's key, and nothing else: a private part or another curve is refused. */
const publicKey = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string().regex(/^[\w-]{43}$/),
  y: z.string().regex(/^[\w-]{43}$/),
  ext: z.literal(true).optional(),
  key_ops: z.array(z.literal('verify')).max(1).optional(),
});
const header = z.strictObject({
  typ: z.literal('dpop+jwt'),
  alg: z.literal('ES256'),
  jwk: publicKey,
});
const claims = z.object({
  jti: z.string().regex(/^[\w-]{8,64}$/),
  htm: z.string(),
  htu: z.string(),
  /** The device's own clock: read for its skew, believed for nothing. */
  iat: z.number().min(-8_640_000_000_000).max(8_640_000_000_000),
  nonce: z.string().max(2_000).optional(),
  ath: z.string().optional(),
  bh: z.string().optional(),
});

export interface PublicKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** A proof whose signature is right: who has the key said this about a request. What it said is yet to be compared. */
export interface Proof {
  readonly key: PublicKey;
  /** RFC 7638. */
  readonly thumbprint: string;
  readonly claims: z.output<typeof claims>;
}

/** @throws AppError 401 `proof-refused`, with a word about what is wrong with it. */
export const refused = (what: string): AppError => new AppError(401, 'proof-refused', { values: { what } });

/**
 * Reads the proofs of RFC 9449. Only ES256, only P-256, and no header that the reading would have to understand.
 * @throws AppError 401
 */
export async function readProof(headers: readonly string[] | undefined): Promise<Proof> {
  const [text, second] = headers ?? [];
  if (!text) throw refused('missing');
  if (second !== undefined) throw refused('two');
  const { jwk } = readHeader(text);
  const key: PublicKey = { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y };
  const payload = await importJWK(key, 'ES256')
    .then((imported) => compactVerify(text, imported, { algorithms: ['ES256'] }))
    .then(({ payload }) => payload)
    .catch(() => {
      throw refused('signature');
    });
  return { key, thumbprint: await calculateJwkThumbprint(key), claims: readClaims(payload) };
}

function readHeader(text: string): z.output<typeof header> {
  try {
    return header.parse(decodeProtectedHeader(text));
  } catch {
    throw refused('header');
  }
}

function readClaims(payload: Uint8Array): z.output<typeof claims> {
  try {
    return claims.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
  } catch {
    throw refused('claims');
  }
}

/** What a proof has to say. */
export interface Expected {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  /** The token that it goes with; null where there is none yet. */
  readonly token: string | null;
  readonly isFresh: (nonce: string) => boolean;
}

/**
 * Holds a proof against the request that it came with.
 * @throws AppError 401 `use_dpop_nonce` when that is all that is wrong: the client then tries again with the nonce of the
 * answer.
 */
export function checkProof({ claims: said }: Proof, { method, url, token, isFresh }: Expected): void {
  if (said.htm !== method) throw refused('htm');
  if (said.htu.split(/[?#]/)[0] !== url) throw refused('htu');
  if (said.ath !== (token === null ? undefined : digestOf(token))) throw refused('ath');
  if (said.nonce === undefined || !isFresh(said.nonce)) throw unauthorized('use_dpop_nonce');
}

/** SHA-256 in base64url, as `ath` and `bh` have it. */
export const digestOf = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('base64url');

const NOTHING = digestOf('');

/** A proof is about one body. Where there is none, it need not say so. @throws AppError 401 */
export function checkBody({ claims: { bh } }: Proof, digest: string | undefined): void {
  if (bh !== digest && (digest !== undefined || bh !== NOTHING)) throw refused('bh');
}
