import { proofFor } from './proof.js';

const TIMEOUT_MS = 20_000;
/** Of the protocol that is spoken here. */
const VERSION = '1';

/** An answer that is none of those hoped for. `offline` when nothing answered. */
export class Refusal extends Error {
  constructor(code, more = {}) {
    super(code);
    Object.assign(this, { code, status: 0, retryAfterMs: 0, ...more });
  }

  /** Waiting helps: nobody answered, or nobody had time. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * `/sync/v1` as a till speaks it: at `base`, which the server itself calls `address`. `vault` holds `{ deviceId, keys, token, nonce }` and keeps what changes of it, so that
 * the page and the service worker go on from each other's token.
 */
export function createProtocol({ base, address, vault, nextId, now, send = (...given) => fetch(...given) }) {
  /** One request with one proof. @returns {Promise<{ status: number, headers: Headers, content: any }>} */
  async function attempt(method, path, { content, keys, token, nonce }) {
    const body = content === undefined ? undefined : JSON.stringify(content);
    const proof = await proofFor(keys, {
      ...{ method, url: address + path.split('?')[0], token, nonce, body, now: now(), id: nextId() },
    });
    const headers = { DPoP: proof, Accept: 'application/json', 'Bulkhead-Sync': VERSION };
    if (token) headers.Authorization = `DPoP ${token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const options = { method, headers, body, credentials: 'omit', cache: 'no-store', redirect: 'error' };
    const answer = await send(base + path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, content: parsed(text) };
  }

  /** The nonce of each answer is for the next proof. */
  async function once(method, path, given) {
    const answer = await attempt(method, path, given).catch(lost);
    const named = answer.headers.get('DPoP-Nonce');
    if (named) await vault.keep({ nonce: named });
    return { answer, named };
  }

  /** The same again when the server names another nonce: it replaces a clock that can't be relied on. */
  async function withNonce(method, path, given) {
    const { nonce } = await vault.session();
    const { answer, named } = await once(method, path, { ...given, nonce });
    if (answer.status !== 401 || codeOf(answer) !== 'use_dpop_nonce' || !named) return answer;
    return (await once(method, path, { ...given, nonce: named })).answer;
  }

  /** A new token for a signed challenge. @throws Refusal, `device-revoked` among them */
  async function authenticate() {
    const { deviceId, keys } = await vault.session();
    const { challenge } = settled(await withNonce('POST', '/challenges', { keys, content: { deviceId } }));
    const signed = { keys, content: { deviceId, challenge }, nonce: challenge };
    const { token } = settled((await once('POST', '/tokens', signed)).answer);
    await vault.keep({ token });
    return token;
  }

  /** A request with this till's token. A token that is over or refused is replaced once, by itself. */
  async function ask(method, path, content) {
    const { keys, token } = await vault.session();
    const given = { content, keys };
    const known = token ?? (await authenticate());
    const first = await withNonce(method, path, { ...given, token: known });
    if (first.status !== 401 && first.status !== 403) return settled(first);
    if (codeOf(first) === 'device-revoked') throw refusalOf(first);
    return settled(await withNonce(method, path, { ...given, token: await authenticate() }));
  }

  return {
    pair: async (content, keys) => settled(await withNonce('POST', '/pairings', { keys, content })),
    pull: (cursor, limit) =>
      ask('GET', `/pull?${new URLSearchParams({ ...(cursor ? { cursor } : {}), limit })}`),
    push: (batch) => ask('POST', '/push', batch).catch(withResults),
    lease: (count) => ask('POST', '/leases', { count }),
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function lost(error) {
  throw error instanceof Refusal ? error : new Refusal('offline');
}

/** A batch of one operation whose id stands for something else is a refusal that has its result with it. */
function withResults(error) {
  if (error.content?.results) return error.content;
  throw error;
}

const codeOf = ({ content }) => content?.code ?? content?.error;

function settled(answer) {
  if (answer.status >= 200 && answer.status < 300 && answer.content) return answer.content;
  throw refusalOf(answer);
}

function refusalOf({ status, headers, content }) {
  const seconds = Number(headers.get('Retry-After'));
  return new Refusal(codeOf({ content }) ?? 'internal', {
    ...{ status, content, retryAfterMs: seconds > 0 ? seconds * 1000 : 0 },
  });
}
