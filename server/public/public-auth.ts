import type { Request, RequestHandler, Response } from 'express';
import type { Allowance, OpenLimits } from '../auth/open-limits.ts';
import { networkOf } from '../auth/throttle.ts';
import type { Database } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import { forbidden, unauthorized } from '../errors.ts';
import { answerLimit } from '../http/rate-limit.ts';
import { type Scope, traced } from '../market/scope.ts';
import { allowOrigin, mayRead } from './cors.ts';
import { createKeys, type FoundKey, type Keys } from './key.queries.ts';
import type { OpenMarket, OpenRequest } from './open-request.ts';
import { keyId } from './publishable-key.ts';

/** Keys that are none, from one network: guessing is hopeless, but each guess costs a query. */
const UNKNOWN_KEYS = { name: 'unknown-keys', points: 120, seconds: 60 };

interface Parts {
  readonly database: Database;
  readonly limits: OpenLimits;
}

/**
 * Turns the publishable key of a request into its scope, `req.open`. What the key may do is decided by the policies
 * of the database's public role; refusing here what they would refuse is for a clear answer.
 */
export function publicAuth({ database, limits }: Parts): RequestHandler {
  const keys = createKeys(database);
  const noteUse = useNotes(database);
  return async (req, res, next) => {
    const text = keyOf(req);
    if (!text) throw unauthorized('key-missing');
    const id = keyId(text);
    if (!id) throw unauthorized('key-malformed');
    const network = networkOf(req.ip ?? '');
    const count = () => answerLimit(res, limits.count(limits.requests, `${id}:${network}`));
    // Only keys that there are get counters of their own, or made-up ones would fill the table.
    const isKnown = keys.remembers(id);
    if (isKnown) count();
    else refuseGuesses(res, limits.ask(UNKNOWN_KEYS, network));
    const recalled = asksItself(req) ? keys.recall(id) : null;
    const key = recalled ?? (await keys.find(id, req.receipt));
    if (!key) {
      limits.count(UNKNOWN_KEYS, network);
      throw unauthorized('key-unknown');
    }
    if (!isKnown) count();
    requireHeld(key);
    if (!mayRead(key.origins, req.get('Origin'))) throw forbidden('origin-refused');
    allowOrigin(req, res);
    const market = requireActive(key);
    const scope = traced(keys.scopeOf(id, key, req.receipt), req.trace);
    if (key.isStale) noteUse(scope);
    const open = openRequest(database, scope, market, text);
    req.open = recalled ? Object.assign(open, { confirm: () => confirm(keys, id, req.receipt) }) : open;
    next();
  };
}

/** Who has not guessed too often is told nothing about it. */
function refuseGuesses(res: Response, guesses: Allowance): void {
  if (guesses.exceeded) answerLimit(res, guesses);
}

/**
 * Routes whose one statement asks the policies whether the key still holds, and which call `confirm` when it did
 * nothing. Under a shopper's token that statement would ask about the shopper.
 */
const asksItself = ({ method, path, headers }: Request): boolean =>
  `${method} ${path}` === 'POST /events' || (`${method} ${path}` === 'GET /offers' && !headers.authorization);

/** Says why a recalled key no longer holds. */
async function confirm(keys: Keys, id: string, receipt: string): Promise<void> {
  const key = await keys.find(id, receipt);
  if (!key) throw unauthorized('key-unknown');
  requireHeld(key);
  requireActive(key);
}

function requireHeld({ isOver }: FoundKey): void {
  if (isOver) throw unauthorized('key-revoked');
}

function requireActive({ market }: FoundKey): OpenMarket {
  if (!market) throw forbidden('market-not-active');
  return market;
}

/** The header, or `?key=` for what can send none: images and event sources. */
export function keyOf(req: Request): string | null {
  const { key } = req.query;
  return req.get('Bulkhead-Key') || (typeof key === 'string' && key) || null;
}

/** The two ways to the database are made when they are asked for: most requests need one of them. */
export function openRequest(
  database: Database,
  scope: Scope,
  market: OpenMarket,
  key: string | null,
): OpenRequest {
  return {
    ...{ scope, market, key },
    get db() {
      return database.scoped(scope);
    },
    get direct() {
      return database.direct(scope);
    },
  };
}

/** Notes that a key is in use, off the request's path and once at a time: a note that fails is made by the next request. */
function useNotes(database: Database): (scope: Scope) => void {
  const running = new Set<string>();
  return (scope) => {
    const { marketId, actor } = scope;
    if (running.has(actor.id)) return;
    running.add(actor.id);
    const note = sql`
      update publishable_key set last_used_at = statement_timestamp()
      where market_id = ${marketId} and id = ${actor.id}
        and coalesce(last_used_at < statement_timestamp() - interval '5 minutes', true)`;
    const done = () => running.delete(actor.id);
    database.direct(scope).affected(note).then(done, done);
  };
}
