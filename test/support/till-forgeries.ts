import { createHmac, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import type { TokenKey } from '../../server/config.ts';
import { makeKey, publicJwk, signed, type TestTill } from './till.ts';

/** What a sync token says, as the server writes it. */
export interface SyncClaims {
  readonly sub: string;
  readonly mkt: string;
  readonly brn: string;
  readonly ops: readonly string[];
  readonly cnf: { readonly jkt: string };
}

interface Changes {
  readonly key?: Uint8Array;
  readonly kid?: string | null;
  readonly alg?: string;
  readonly issuer?: string;
  readonly audience?: string | string[];
  readonly issued?: number;
  readonly expires?: number | null;
  readonly more?: Record<string, unknown>;
}

const seconds = () => Math.floor(Date.now() / 1_000);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as the device surface would sign it, with one thing changed. */
export async function forgeToken(
  key: TokenKey,
  claims: Partial<SyncClaims>,
  changes: Changes = {},
): Promise<string> {
  const { alg = 'HS256', issuer = 'bulkhead-device', issued = seconds(), expires = 900 } = changes;
  const kid = changes.kid === null ? {} : { kid: changes.kid ?? key.kid };
  const token = new SignJWT({ ...claims, ...changes.more })
    .setProtectedHeader({ alg, typ: 'JWT', ...kid })
    .setIssuer(issuer)
    .setAudience(changes.audience ?? 'bulkhead-device/sync')
    .setIssuedAt(issued);
  if (expires !== null) token.setExpirationTime(issued + expires);
  return token.sign(changes.key ?? key.key);
}

export interface Others {
  readonly keys: Record<'admin' | 'partner' | 'public', TokenKey>;
  /** Another till of the same branch, one of another branch, and one of another market: their tokens' claims. */
  readonly tills: Record<'sibling' | 'branch' | 'market', SyncClaims>;
}

/** Tokens that are none, by name. With the right till's proofs beside them, none may open anything. */
export async function tokenForgeries(
  key: TokenKey,
  claims: SyncClaims,
  { keys, tills }: Others,
): Promise<[string, string][]> {
  const good = await forgeToken(key, claims);
  const [header, payload, signature] = good.split('.') as [string, string, string];
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const swap = (changes: object) => `${header}.${part({ ...said, ...changes })}.${signature}`;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const ed = generateKeyPairSync('ed25519');
  const own = await makeKey();
  const asymmetric = (alg: string, by: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT({ ...said }).setProtectedHeader({ alg, kid: key.kid, typ: 'JWT' }).sign(by);
  const changed = (changes: Changes) => forgeToken(key, claims, changes);
  const without = (name: keyof SyncClaims) => {
    const { [name]: _, ...rest } = claims;
    return forgeToken(key, rest);
  };
  const unsecured = new UnsecuredJWT({ ...said }).encode();
  return [
    ['alg none', unsecured],
    ['alg none with the kid', `${part({ alg: 'none', kid: key.kid })}.${payload}.`],
    ['alg none, signature kept', `${part({ alg: 'none', kid: key.kid })}.${payload}.${signature}`],
    ['alg NONE', `${part({ alg: 'NONE', kid: key.kid })}.${payload}.${signature}`],
    ['RS256 by a key of one’s own', await asymmetric('RS256', rsa.privateKey)],
    ['EdDSA by a key of one’s own', await asymmetric('EdDSA', ed.privateKey)],
    ['ES256 by the till’s own key', await signed(own, { alg: 'ES256', kid: key.kid, typ: 'JWT' }, said)],
    ['HS256 with a public PEM as the secret', await changed({ key: Buffer.from(pem) })],
    [
      'HS256 with the till’s public key as the secret',
      await changed({ key: Buffer.from(JSON.stringify(await publicJwk(own.publicKey))) }),
    ],
    ['HS256 with the thumbprint as the secret', await changed({ key: Buffer.from(claims.cnf.jkt) })],
    ['HS384', await changed({ key: Buffer.concat([key.key, key.key]), alg: 'HS384' })],
    ['HS512', await changed({ key: Buffer.concat([key.key, key.key]), alg: 'HS512' })],
    ['a random key under the right kid', await changed({ key: randomBytes(32) })],
    ['an empty key', await changed({ key: Buffer.alloc(32) })],
    ['the seal of nonces as the key', await changed({ key: sealOf(key) })],
    ['an unknown kid', await changed({ kid: 'device-00000000' })],
    ['no kid', await changed({ kid: null })],
    ['kid __proto__', await changed({ kid: '__proto__' })],
    ['kid as a path', await changed({ kid: '../../dev/null' })],
    ...(await Promise.all(
      (['admin', 'partner', 'public'] as const).flatMap((surface) => [
        named(`the ${surface} key under its own kid`, forgeToken(keys[surface], claims)),
        named(`the ${surface} key under our kid`, changed({ key: keys[surface].key })),
        named(
          `all of the ${surface} surface`,
          forgeToken(keys[surface], claims, {
            ...{ issuer: `bulkhead-${surface}`, audience: `bulkhead-${surface}/sync` },
          }),
        ),
        named(`issuer ${surface}`, changed({ issuer: `bulkhead-${surface}` })),
      ]),
    )),
    ['no issuer', await changed({ issuer: '' })],
    ...(await Promise.all(
      ['challenge', 'access', 'refresh', 'shopper', 'choice', ''].map((kind) =>
        named(
          `audience ${kind || 'without a kind'}`,
          changed({ audience: `bulkhead-device${kind && `/${kind}`}` }),
        ),
      ),
    )),
    ['without an expiry', await changed({ expires: null })],
    ['an expiry in a year', await changed({ expires: 365 * 86_400 })],
    ['one second longer than allowed', await changed({ expires: 901 })],
    ['issued in an hour', await changed({ issued: seconds() + 3_600 })],
    ['good from tomorrow on', await changed({ more: { nbf: seconds() + 86_400 } })],
    ['expiry that is text', await changed({ expires: null, more: { exp: 'never' } })],
    ['a later expiry, same signature', swap({ exp: said.exp + 86_400 })],
    ['more operations, same signature', swap({ ops: [...said.ops, 'push:leases'] })],
    ['another key, same signature', swap({ cnf: { jkt: 'A'.repeat(43) } })],
    ['another market, same signature', swap({ mkt: tills.market.mkt })],
    ['another branch, same signature', swap({ brn: tills.branch.brn })],
    ['another till, same signature', swap({ sub: tills.sibling.sub })],
    ['operations that there are none of', await forgeToken(key, { ...claims, ops: ['pull:everything'] })],
    ['operations *', await forgeToken(key, { ...claims, ops: ['*'] })],
    ['no operation', await forgeToken(key, { ...claims, ops: [] })],
    ['without operations', await without('ops')],
    ['without a key', await without('cnf')],
    ['without a market', await without('mkt')],
    ['without a branch', await without('brn')],
    ['without a till', await without('sub')],
    ['a till that is no id', await forgeToken(key, { ...claims, sub: "' or 1=1 --" })],
    ['a till that there is none of', await forgeToken(key, { ...claims, sub: randomUUID() })],
    ['another branch of the market', await forgeToken(key, { ...claims, brn: tills.branch.brn })],
    ['another market', await forgeToken(key, { ...claims, mkt: tills.market.mkt })],
    [
      'another market and its branch',
      await forgeToken(key, { ...tills.market, sub: claims.sub, cnf: claims.cnf }),
    ],
    ['another till under our key', await forgeToken(key, { ...tills.sibling, cnf: claims.cnf })],
    ['a till of another branch under our key', await forgeToken(key, { ...tills.branch, cnf: claims.cnf })],
    ['a till of another market under our key', await forgeToken(key, { ...tills.market, cnf: claims.cnf })],
    ['a sibling’s own token', await forgeToken(key, tills.sibling)],
    ['a foreign till’s own token', await forgeToken(key, tills.market)],
    ['signature cut', good.slice(0, -2)],
    ['signature gone', `${header}.${payload}.`],
    ['two parts', `${header}.${payload}`],
    ['five parts', `${good}.${signature}.${signature}`],
    ['not a token', 'x'],
  ];
}

const named = async (name: string, token: Promise<string>): Promise<[string, string]> => [name, await token];
const sealOf = ({ key }: TokenKey) => createHmac('sha256', key).update('till nonce').digest();

type Forged = { readonly headers?: Record<string, string>; readonly claims?: Record<string, unknown> };

/** Proofs that are none, by name, of a request that is right but for them: what to change about it. */
export async function proofForgeries(
  till: TestTill,
  request: { method: 'GET' | 'POST'; path: string; text?: string },
  others: { readonly sibling: TestTill },
): Promise<[string, Forged][]> {
  const good = await till.proof(request, request.text);
  const [, payload, signature] = good.split('.') as [string, string, string];
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const jwk = await publicJwk(till.key.publicKey);
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk };
  const thief = await makeKey();
  const theirs = await publicJwk(thief.publicKey);
  const raw = (DPoP: string): Forged => ({ headers: { DPoP } });
  const by = async (given: object, key = till.key) => raw(await signed(key, given, claims));
  const spki = Buffer.from(JSON.stringify(jwk));
  const hmac = (head: object, secret: Buffer) => {
    const text = `${part(head)}.${payload}`;
    return raw(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`);
  };
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const origin = till.server.publicUrl;
  const url = `${origin}/sync/v1${request.path}`;
  return [
    ['no proof', raw('')],
    ['not a proof', raw('x')],
    ['the token itself', raw(till.token)],
    ['two proofs in one header', raw(`${good}, ${good}`)],
    ['alg none', raw(`${part({ ...header, alg: 'none' })}.${payload}.`)],
    ['alg none, signature kept', raw(`${part({ ...header, alg: 'none' })}.${payload}.${signature}`)],
    ['HS256 with the public key as the secret', hmac({ ...header, alg: 'HS256' }, spki)],
    [
      'HS256 with an oct key in the header',
      hmac({ ...header, alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } }, Buffer.from('AAAA', 'base64url')),
    ],
    [
      'RS256 by a key of one’s own',
      raw(
        await new SignJWT(claims)
          .setProtectedHeader({ typ: 'dpop+jwt', alg: 'RS256', jwk: await exportJWK(rsa.publicKey) })
          .sign(rsa.privateKey),
      ),
    ],
    ['alg ES384', await by({ ...header, alg: 'ES384' })],
    ['typ JWT', await by({ ...header, typ: 'JWT' })],
    ['no typ', await by({ alg: 'ES256', jwk })],
    ['no key', await by({ typ: 'dpop+jwt', alg: 'ES256' })],
    ['a private part in the key', await by({ ...header, jwk: { ...jwk, d: 'A'.repeat(43) } })],
    ['a point that is on no curve', await by({ ...header, jwk: { ...jwk, x: 'A'.repeat(43) } })],
    ['curve P-384', await by({ ...header, jwk: { ...jwk, crv: 'P-384' } })],
    ['a key by address', await by({ ...header, jku: 'https://keys.example/jwks' })],
    ['a kid besides', await by({ ...header, kid: 'device-1' })],
    ['crit', await by({ ...header, crit: ['exp'] })],
    ['unencoded payload', await by({ ...header, b64: false, crit: ['b64'] })],
    ['a thief’s key and signature', await by({ ...header, jwk: theirs }, thief)],
    ['a thief’s signature under our key', await by(header, thief)],
    ['our signature under a thief’s key', await by({ ...header, jwk: theirs })],
    [
      'a sibling’s key',
      await by({ ...header, jwk: await publicJwk(others.sibling.key.publicKey) }, others.sibling.key),
    ],
    ['signature cut', raw(good.slice(0, -2))],
    ['signature gone', raw(good.slice(0, good.lastIndexOf('.') + 1))],
    ['claims changed, signature kept', raw(`${part(header)}.${part({ ...claims, iat: 1 })}.${signature}`)],
    ['another method', { claims: { htm: request.method === 'GET' ? 'POST' : 'GET' } }],
    ['the method in lower case', { claims: { htm: request.method.toLowerCase() } }],
    ['no method', { claims: { htm: undefined } }],
    ['another path', { claims: { htu: `${origin}/sync/v1/push` } }],
    ['another origin', { claims: { htu: url.replace(origin, 'https://elsewhere.example') } }],
    ['another scheme', { claims: { htu: url.replace(/^http:/, 'ftp:') } }],
    ['the path alone', { claims: { htu: `/sync/v1${request.path}` } }],
    ['a path that goes back', { claims: { htu: `${origin}/sync/v1/x/..${request.path}` } }],
    ['no address', { claims: { htu: undefined } }],
    ['another token’s digest', { claims: { ath: 'A'.repeat(43) } }],
    ['no token’s digest', { claims: { ath: undefined } }],
    ['the token instead of its digest', { claims: { ath: till.token } }],
    ['another body’s digest', { claims: { bh: 'A'.repeat(43) } }],
    ['a digest that is no text', { claims: { bh: 7 } }],
    ['no jti', { claims: { jti: undefined } }],
    ['a jti of one letter', { claims: { jti: 'x' } }],
    ['no iat', { claims: { iat: undefined } }],
    ['iat beyond all time', { claims: { iat: 1e300 } }],
  ];
}

/** Nonces that are none: refused too, but with the offer of one that is. */
export function nonceForgeries(key: TokenKey, nonce: string): [string, unknown][] {
  const [time = '', seal = ''] = nonce.split('.');
  const at = (offset: number) => (Number.parseInt(time, 36) + offset).toString(36);
  const sealed = (text: string, by: Uint8Array) =>
    `${text}.${createHmac('sha256', by).update(text).digest('base64url')}`;
  return [
    ['none', undefined],
    ['an empty one', ''],
    ['another time, same seal', `${at(1)}.${seal}`],
    ['a seal cut', nonce.slice(0, -1)],
    ['no seal', time],
    ['sealed by the token key', sealed(time, key.key)],
    ['sealed by a key of one’s own', sealed(time, randomBytes(32))],
    ['six minutes old', sealed(at(-360), sealOf(key))],
    ['of in an hour', sealed(at(3_600), sealOf(key))],
    ['no time', sealed('', sealOf(key))],
  ];
}
