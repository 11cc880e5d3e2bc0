import type { Request, RequestHandler } from 'express';
import { decodeJwt } from 'jose';
import { recordAudit } from '../audit/audit.service.ts';
import type { OpenLimits } from '../auth/open-limits.ts';
import { networkOf } from '../auth/throttle.ts';
import type { TokenService } from '../auth/tokens.ts';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors.ts';
import { type Scope, visitorScope } from '../market/scope.ts';
import { createKeys } from './key.queries.ts';
import { keyOf } from './public-auth.ts';
import { keyId } from './publishable-key.ts';

/** A secret that anybody could copy out of a page: what it looks like, and where in the request it stood. */
interface Leak {
  readonly kind: string;
  readonly place: string;
  readonly value: string;
}

/** Nothing else looks like these, so they are secrets wherever they stand. */
const PLAIN: readonly (readonly [kind: string, shape: RegExp])[] = [
  ['private-key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['database-url', /\b(postgres(ql)?|mysql|mongodb(\+srv)?|rediss?):\/\/[^/\s]*@/i],
  ['secret-key', /^(sk|rk)_(live|test)_\w{4,}/],
  [
    'access-token',
    /^(gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}$)/,
  ],
];
/** These may be words that somebody searches for: only in the place of a key they are none. */
const IN_KEYS: typeof PLAIN = [
  ...PLAIN,
  ['secret-key', /^(sk|rk|sb_secret|whsec|secret)[_-]\w{4,}/i],
  ['service-role', /service[_-]?role|admin[_-]?key/i],
];
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

/** One row an address and hour says it all; a page that does it on every view must not fill the trail. */
const AUDITED = { name: 'secret-audit', points: 1, seconds: 3_600 };

interface Parts {
  readonly database: Database;
  readonly limits: OpenLimits;
  readonly tokens: TokenService;
  readonly clock: () => Date;
}

/** A secret in the place of a publishable key is refused with an explanation and written to the market's audit trail. */
export function refuseSecrets(parts: Parts): RequestHandler {
  const scopeOf = scopes(parts);
  return async (req, _res, next) => {
    const leak = leakIn(req);
    if (!leak) return next();
    const scope = await scopeOf(req, leak);
    if (scope) await audit(parts, req, scope, leak);
    throw new AppError(400, 'secret-key', { values: { kind: leak.kind, place: leak.place } });
  };
}

/** `key` is where a publishable key belongs, `token` where a shopper's does; elsewhere words are just words. */
type Role = 'key' | 'token' | 'other';

function leakIn(req: Request): Leak | null {
  const authorization = (req.get('Authorization') ?? '').replace(/^(Bearer|Basic|ApiKey|Token|DPoP)\s+/i, '');
  const shown: [place: string, value: unknown, role: Role][] = [
    ['Bulkhead-Key', req.get('Bulkhead-Key'), 'key'],
    ['apikey', req.get('apikey') ?? req.get('X-Api-Key'), 'key'],
    ['Authorization', authorization, 'token'],
  ];
  for (const [name, value] of Object.entries(req.query)) {
    for (const each of [value].flat())
      shown.push([`?${name}`, each, /key|token|secret/i.test(name) ? 'key' : 'other']);
  }
  for (const [place, value, role] of shown) {
    const kind = typeof value === 'string' ? kindOf(value.trim(), role) : null;
    if (kind) return { kind, place, value: String(value).trim() };
  }
  return null;
}

function kindOf(text: string, role: Role): string | null {
  if (JWT.test(text)) return kindOfJwt(text, role);
  const shapes = role === 'other' ? PLAIN : IN_KEYS;
  return shapes.find(([, shape]) => shape.test(text))?.[0] ?? null;
}

/** A shopper's token is a JWT too, and belongs into Authorization; in a key's place no JWT is right. */
function kindOfJwt(text: string, place: Role): string | null {
  const { iss, role } = claimsOf(text);
  if (iss === 'bulkhead-partner' || iss === 'bulkhead-admin') return 'portal-token';
  if (iss === 'bulkhead-device') return 'till-token';
  if (typeof role === 'string') return 'service-role';
  return place === 'key' ? 'token' : null;
}

function claimsOf(jwt: string): Record<string, unknown> {
  try {
    return decodeJwt(jwt);
  } catch {
    return {};
  }
}

/** Whose secret it is, as far as it can be proved: a valid key stood beside it, or the token's signature is ours. */
function scopes({ database, tokens, clock }: Parts) {
  const keys = createKeys(database);
  return async (req: Request, leak: Leak): Promise<Scope | null> => {
    const claims = leak.kind === 'portal-token' ? await tokens.verify('access', leak.value, clock()) : null;
    if (typeof claims?.mkt === 'string') return visitorScope(claims.mkt, req.receipt);
    const beside = [req.get('Bulkhead-Key'), req.query.key, keyOf(req)].find(
      (text): text is string => typeof text === 'string' && keyId(text) !== null,
    );
    const id = beside ? keyId(beside)! : null;
    const key = id ? await keys.find(id, req.receipt) : null;
    return id && key?.market && !key.isOver ? keys.scopeOf(id, key, req.receipt) : null;
  };
}

/** Never the secret itself: what it was, where it stood, and which page sent it. */
async function audit({ database, limits }: Parts, req: Request, scope: Scope, { kind, place }: Leak) {
  // By market too, so that a secret of one's own market can't use up another's entry.
  const counted = await limits.exact(AUDITED, `${scope.marketId}:${networkOf(req.ip ?? '')}`);
  if (counted.exceeded) return;
  const details = { kind, place, origin: (req.get('Origin') ?? '').slice(0, 200) };
  await recordAudit(database.scoped(scope), {
    action: 'key.secret',
    subjectType: 'key',
    details,
  }).catch((error: unknown) => {
    // The policy knows better than a token that a market is no longer active; the answer stays the same.
    if (!(error instanceof AppError) || error.status !== 403) throw error;
  });
}
