import type { Request, RequestHandler } from 'express';
import { decodeJwt } from 'jose';
import { recordAudit } from '../audit/audit.service.ts';
import type { OpenLimits } from '../auth/open-limits.ts';
import { networkOf } from '../auth/throttle.ts';
import type { TokenService } from '../auth/tokens.ts';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors.ts';
import { NOBODY, type Scope } from '../market/scope.ts';
import { createKeys } from './key.queries.ts';
import { keyOf } from './public-auth.ts';
import { keyId } from './publishable-key.ts';

/** A secret that anybody could copy out of a page: what it looks like, and where in the request it stood. */
interface Leak {
  readonly kind: string;
  readonly place: string;
  readonly value: string;
}

const SHAPES: readonly (readonly [kind: string, shape: RegExp])[] = [
  ['private-key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['database-url', /\b(postgres(ql)?|mysql|mongodb(\+srv)?|rediss?):\/\/[^/\s]*@/i],
  ['secret-key', /^(sk|rk|sb_secret|whsec|secret|shpss|shpat)[_-]\w{4,}/i],
  ['access-token', /^(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA[0-9A-Z]{12})/],
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

function leakIn(req: Request): Leak | null {
  const authorization = (req.get('Authorization') ?? '').replace(/^(Bearer|Basic|ApiKey|Token)\s+/i, '');
  const shown: [place: string, value: unknown, isKey: boolean][] = [
    ['Bulkhead-Key', req.get('Bulkhead-Key'), true],
    ['apikey', req.get('apikey') ?? req.get('X-Api-Key'), true],
    ['Authorization', authorization, false],
    ...Object.entries(req.query).map(([name, value]): [string, unknown, boolean] => [
      ...([`?${name}`, value, /key|token|secret/i.test(name)] as const),
    ]),
  ];
  for (const [place, value, isKey] of shown) {
    for (const text of [value].flat()) {
      const kind = typeof text === 'string' ? kindOf(text.trim(), isKey) : null;
      if (kind) return { kind, place, value: String(text).trim() };
    }
  }
  return null;
}

/** A shopper's token is a JWT too, and belongs into Authorization; in a key's place no JWT is right. */
function kindOf(text: string, isKey: boolean): string | null {
  const found = SHAPES.find(([, shape]) => shape.test(text));
  if (found) return found[0];
  if (!JWT.test(text)) return null;
  const { iss, role } = claimsOf(text);
  if (iss === 'bulkhead-partner' || iss === 'bulkhead-admin') return 'portal-token';
  if (typeof role === 'string') return 'service-role';
  return isKey ? 'token' : null;
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
    if (typeof claims?.mkt === 'string') return visitor(claims.mkt, req.receipt);
    const beside = [req.get('Bulkhead-Key'), req.query.key, keyOf(req)].find(
      (text): text is string => typeof text === 'string' && keyId(text) !== null,
    );
    const id = beside ? keyId(beside)! : null;
    const key = id ? await keys.find(id, req.receipt) : null;
    return id && key?.market && !key.isOver ? keys.scopeOf(id, key, req.receipt) : null;
  };
}

const visitor = (marketId: string, receipt: string): Scope => ({
  ...{ surface: 'public', marketId, receipt, actor: { kind: 'visitor', id: NOBODY, role: 'none', name: '' } },
});

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
