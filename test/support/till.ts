import { createHash, randomBytes, randomUUID, webcrypto } from 'node:crypto';
import { codeDigest } from '../../server/auth/till-pairing.ts';
import type { TestPortals } from './http.ts';
import type { MarketFixture } from './two-markets.ts';

const { subtle } = webcrypto;
type Key = webcrypto.CryptoKey;
export type KeyPair = webcrypto.CryptoKeyPair;

export interface TillAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came.
  readonly body: any;
}

/** One request as a till would send it; tests change what they like. */
export interface TillCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below /sync/v1, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string | null;
  readonly key?: KeyPair;
  readonly headers?: Record<string, string>;
  /** Claims of the proof that are to be others; undefined leaves one out. */
  readonly claims?: Record<string, unknown>;
}

/** Where a till reaches the server, and the address that the server goes by and proofs therefore name. */
export interface TillServer {
  readonly url: string;
  readonly publicUrl: string;
}

const encoded = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url');
const sha256 = (value: string): string => createHash('sha256').update(value).digest('base64url');

/** The key that a till makes for itself: its private half can't be taken out. */
export const makeKey = (): Promise<KeyPair> =>
  subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']) as Promise<KeyPair>;

export async function publicJwk(key: Key): Promise<{ kty: string; crv: string; x: string; y: string }> {
  const { kty, crv, x, y } = await subtle.exportKey('jwk', key);
  return { kty: kty!, crv: crv!, x: x!, y: y! };
}

/** A compact JWS, ES256. */
export async function signed(key: KeyPair, header: object, claims: object): Promise<string> {
  const text = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(claims))}`;
  const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, Buffer.from(text));
  return `${text}.${encoded(new Uint8Array(signature))}`;
}

/**
 * A till as the product's own page is one: makes a key, pairs, proves each request, takes the server's nonce, and gets
 * itself another token when one has run out.
 */
export class TestTill {
  deviceId = '';
  token = '';
  nonce = '';
  /** Milliseconds by which its clock is off. */
  skew = 0;
  readonly server: TillServer;
  readonly key: KeyPair;

  private constructor(server: TillServer, key: KeyPair) {
    this.server = server;
    this.key = key;
  }

  static async create(server: TillServer, key?: KeyPair): Promise<TestTill> {
    return new TestTill(server, key ?? (await makeKey()));
  }

  /** A proof of RFC 9449 about one request. */
  async proof(call: TillCall, body: string | undefined): Promise<string> {
    const { method = 'GET', path, token = this.token, key = this.key } = call;
    const claims = {
      ...{ jti: randomUUID(), htm: method, htu: `${this.server.publicUrl}/sync/v1${path.split('?')[0]}` },
      iat: Math.floor((Date.now() + this.skew) / 1_000),
      ...(this.nonce ? { nonce: this.nonce } : {}),
      ...(token ? { ath: sha256(token) } : {}),
      ...(body === undefined ? {} : { bh: sha256(body) }),
      ...call.claims,
    };
    return signed(key, { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwk(key.publicKey) }, claims);
  }

  /** Sends a request once, as it is; remembers the server's nonce. */
  async send(call: TillCall): Promise<TillAnswer> {
    const { method = 'GET', path, token = this.token, headers = {} } = call;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const answer = await fetch(`${this.server.url}/sync/v1${path}`, {
      method,
      headers: {
        ...(token ? { Authorization: `DPoP ${token}` } : {}),
        ...(headers.DPoP === undefined ? { DPoP: await this.proof(call, body) } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    this.nonce = answer.headers.get('DPoP-Nonce') ?? this.nonce;
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
  }

  /** The same, with one repetition for a nonce and one for a token, as the protocol asks. */
  async ask(call: TillCall): Promise<TillAnswer> {
    const first = await this.withNonce(call);
    if (first.body?.code !== 'token-expired' && first.body?.code !== 'till-token-refused') return first;
    const renewed = await this.authenticate();
    return renewed.status === 201 ? this.withNonce(call) : renewed;
  }

  get = (path: string): Promise<TillAnswer> => this.ask({ path });
  post = (path: string, body: unknown): Promise<TillAnswer> => this.ask({ method: 'POST', path, body });

  async pair(code: string, more: object = {}): Promise<TillAnswer> {
    return this.entered(
      await this.withNonce({
        ...{ method: 'POST', path: '/pairings', token: null, body: { code, ...more } },
      }),
    );
  }

  /** A challenge answered with the key: a fresh token. */
  async authenticate(more: object = {}): Promise<TillAnswer> {
    const asked = await this.challenge();
    if (asked.status !== 201) return asked;
    return this.answer(asked.body.challenge, more);
  }

  challenge(): Promise<TillAnswer> {
    return this.send({
      ...{ method: 'POST', path: '/challenges', token: null, body: { deviceId: this.deviceId } },
    });
  }

  async answer(challenge: string, more: object = {}, call: Partial<TillCall> = {}): Promise<TillAnswer> {
    return this.entered(
      await this.send({
        ...{ method: 'POST', path: '/tokens', token: null },
        ...{ body: { deviceId: this.deviceId, challenge, ...more }, claims: { nonce: challenge } },
        ...call,
      }),
    );
  }

  private async withNonce(call: TillCall): Promise<TillAnswer> {
    const first = await this.send(call);
    return first.body?.code === 'use_dpop_nonce' ? this.send(call) : first;
  }

  private entered(answer: TillAnswer): TillAnswer {
    if (answer.status === 201) {
      this.token = answer.body.token;
      this.deviceId = answer.body.deviceId;
    }
    return answer;
  }
}

/** How a test's tills reach a portal. */
export const tillServer = ({ partner }: Pick<TestPortals, 'partner'>): TillServer => ({
  url: partner.url,
  publicUrl: partner.deps.config.publicUrl,
});

/** A pairing code as the portal's page would have made it. */
export async function insertCode(
  { sql }: Pick<TestPortals, 'sql'>,
  market: MarketFixture,
  { branch = market.branch, name = 'Till 1' }: { branch?: string; name?: string } = {},
): Promise<{ id: string; code: string }> {
  const id = randomUUID();
  // Hexadecimal digits are all in the alphabet of codes.
  const code = randomBytes(6).toString('hex').toUpperCase();
  await sql(
    `insert into device_pairing (market_id, id, branch_id, name, code_digest, created_by) values ($1, $2, $3, $4, $5, $6)`,
    [market.marketId, id, branch, name, codeDigest(code), market.manager],
  );
  return { id, code };
}

/** A till that has just been paired. */
export async function pairedTill(
  portals: TestPortals,
  market: MarketFixture,
  place: { branch?: string; name?: string } = {},
): Promise<TestTill> {
  const { code } = await insertCode(portals, market, place);
  const till = await TestTill.create(tillServer(portals));
  const answer = await till.pair(code);
  if (answer.status !== 201) throw new Error(`Not paired: ${answer.status} ${JSON.stringify(answer.body)}`);
  return till;
}
