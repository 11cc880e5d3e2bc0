import { base64url } from './base64url.js';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/** This till's key pair. The private half can be used here and taken out by nobody, this code included. */
export const makeKeys = () => crypto.subtle.generateKey(KEY, false, ['sign', 'verify']);

/** The public half as a JSON Web Key, with the members that a thumbprint covers and no other. */
export async function publicJwk({ publicKey }) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  return { kty, crv, x, y };
}

const digest = async (text) =>
  base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));

/**
 * That this request is made by who holds the key (RFC 9449): for one method, address, token and body, under the
 * server's nonce, which stands in for a clock that may be wrong. `now` is that clock: the server notes how far off it is.
 */
export async function proofFor(keys, { method, url, token, nonce, body, now, id }) {
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwk(keys) };
  const claims = { jti: id, htm: method, htu: url, iat: Math.floor(now / 1000) };
  if (token) claims.ath = await digest(token);
  if (nonce) claims.nonce = nonce;
  if (body !== undefined) claims.bh = await digest(body);
  return signed(keys, header, claims);
}

async function signed({ privateKey }, header, claims) {
  const text = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  const signature = await crypto.subtle.sign(SIGNING, privateKey, new TextEncoder().encode(text));
  return `${text}.${base64url(signature)}`;
}
