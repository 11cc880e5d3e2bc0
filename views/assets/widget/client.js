/** An answer that is none of those hoped for. `code` is the problem's own, or `offline` when nothing answered. */
export class Failure extends Error {
  constructor(code, more = { status: 0 }) {
    super(code);
    Object.assign(this, { code, ...more });
  }
}

/** The public API under one key; `kept` holds the shopper's token. */
export function createClient(base, key, kept) {
  let wasAnswered = false;

  /** @throws Failure */
  async function ask(method, path, body, more, token = kept.get('token')) {
    const headers = { 'Bulkhead-Key': key };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers['Content-Type'] = 'application/json';
    const answer = await fetch(base + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: 'omit',
      ...more,
    }).catch(async () => {
      throw new Failure(await unanswered());
    });
    wasAnswered = true;
    const content = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (answer.ok) return content;
    const code = content?.code ?? 'internal';
    if (code === 'token-refused') kept.set('token', null);
    throw new Failure(code, {
      status: answer.status,
      minutes: Math.ceil((Number(answer.headers.get('Retry-After')) || 60) / 60),
      claimId: content?.claimId,
    });
  }
  // A page that its key is not meant for can't read the refusal: it looks like no answer. But then the server is there.
  async function unanswered() {
    if (wasAnswered) return 'offline';
    const probe = fetch(new URL('../../widget.js', base), { mode: 'no-cors', cache: 'no-store' });
    return probe.then(
      () => 'origin-refused',
      () => 'offline',
    );
  }
  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    /** In nobody's name: a token that has just ended must not cost what is the page's own. */
    report: (path, body, more) => ask('POST', path, body, more, null),
    patch: (path, body) => ask('PATCH', path, body),
    remove: (path) => ask('DELETE', path),
    isSignedIn: () => Boolean(kept.get('token')),
  };
}
