import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import type { KeySurface, TokenKey } from '../../server/config.ts';

export interface Claims {
  readonly sub: string;
  readonly sid: string;
  readonly mkt?: string;
  readonly rot?: number;
}

interface Changes {
  readonly key?: Uint8Array;
  readonly kid?: string | null;
  readonly alg?: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** Seconds from now; null for a token without an expiry. */
  readonly expires?: number | null;
}

/** What a request's own token is for: a shopper's lives as long as its session. */
const kindOf = (surface: KeySurface) => (surface === 'public' ? 'shopper' : 'access');

/** An access token as the portal, or a shopper's as the public surface, would sign it, with one thing changed. */
export async function forge(
  portal: KeySurface,
  key: TokenKey,
  claims: Claims,
  changes: Changes = {},
): Promise<string> {
  const { alg = 'HS256', issuer = `bulkhead-${portal}`, expires = 600 } = changes;
  const kid = changes.kid === null ? {} : { kid: changes.kid ?? key.kid };
  const token = new SignJWT({ ...claims })
    .setProtectedHeader({ alg, typ: 'JWT', ...kid })
    .setIssuer(issuer)
    .setAudience(changes.audience ?? `bulkhead-${portal}/${kindOf(portal)}`)
    .setIssuedAt();
  if (expires !== null) token.setExpirationTime(Math.floor(Date.now() / 1000) + expires);
  return token.sign(changes.key ?? key.key);
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Every forgery that we could think of, by name. None may be taken for a session. */
export async function forgeries(
  portal: KeySurface,
  key: TokenKey,
  other: TokenKey,
  claims: Claims,
  otherPortal: KeySurface = portal === 'admin' ? 'partner' : 'admin',
): Promise<[string, string][]> {
  const good = await forge(portal, key, claims);
  const [header, payload, signature] = good.split('.') as [string, string, string];
  const changed = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const rsa = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .setIssuer(`bulkhead-${portal}`)
    .setAudience(`bulkhead-${portal}/${kindOf(portal)}`)
    .setExpirationTime('10m')
    .sign(privateKey);
  const unsecured = new UnsecuredJWT({ ...claims })
    .setIssuer(`bulkhead-${portal}`)
    .setAudience(`bulkhead-${portal}/${kindOf(portal)}`);
  const swap = (changes: object) => `${header}.${part({ ...changed, ...changes })}.${signature}`;
  return [
    ['alg none', unsecured.setExpirationTime('10m').encode()],
    ['alg none with the kid', `${part({ alg: 'none', kid: key.kid })}.${payload}.`],
    ['alg none, signature kept', `${part({ alg: 'none', kid: key.kid })}.${payload}.${signature}`],
    ['alg nOnE', `${part({ alg: 'nOnE', kid: key.kid })}.${payload}.`],
    ['RS256 by a key of one’s own', rsa],
    ['HS256 with a public key as the secret', await forge(portal, key, claims, { key: Buffer.from(pem) })],
    [
      'HS512 with the right key',
      await forge(portal, { ...key, key: Buffer.concat([key.key, key.key]) }, claims, { alg: 'HS512' }),
    ],
    ['a random key under the right kid', await forge(portal, key, claims, { key: randomBytes(32) })],
    ['an empty key', await forge(portal, key, claims, { key: Buffer.alloc(32) })],
    ['an unknown kid', await forge(portal, key, claims, { kid: 'nobody' })],
    ['no kid', await forge(portal, key, claims, { kid: null })],
    ['kid __proto__', await forge(portal, key, claims, { kid: '__proto__' })],
    ['the other portal’s key and names', await forge(otherPortal, other, claims)],
    ['the other portal’s key under our names', await forge(portal, other, claims)],
    ['the other portal’s key under our kid', await forge(portal, key, claims, { key: other.key })],
    ['another issuer', await forge(portal, key, claims, { issuer: 'bulkhead' })],
    ['another portal’s issuer', await forge(portal, key, claims, { issuer: `bulkhead-${otherPortal}` })],
    ...(await Promise.all(
      ['access', 'shopper', 'refresh', 'choice', 'reset', 'invitation', '']
        .filter((kind) => kind !== kindOf(portal))
        .map(
          async (kind): Promise<[string, string]> => [
            `audience ${kind || 'without a kind'}`,
            await forge(portal, key, claims, { audience: `bulkhead-${portal}${kind && `/${kind}`}` }),
          ],
        ),
    )),
    ['expired', await forge(portal, key, claims, { expires: -5 })],
    ['without an expiry', await forge(portal, key, claims, { expires: null })],
    ['another session', swap({ sid: '01900000-0000-7000-8000-000000000000' })],
    ['a later expiry', swap({ exp: changed.exp + 86_400 })],
    ['another actor', swap({ sub: '01900000-0000-7000-8000-000000000000' })],
    ['another market', swap({ mkt: '01900000-0000-7000-8000-000000000000' })],
    ['signature cut', good.slice(0, -2)],
    ['signature gone', `${header}.${payload}.`],
    ['two parts', `${header}.${payload}`],
    ['not a token', 'x'],
    ['sub that is no id', await forge(portal, key, { ...claims, sub: "' or 1=1 --" })],
    ['sid that is no id', await forge(portal, key, { ...claims, sid: '../../x' })],
  ];
}
