import type { RequestHandler } from 'express';
import type { Database } from '../db/client.ts';
import { forbidden, unauthorized } from '../errors.ts';
import { traced } from './scope.ts';

/**
 * Turns a partner's session into the scope of the request. The market is the one in the verified token, which
 * names a session row that belongs to it; nothing in path, query, body, headers or other cookies is asked.
 * Role and state come from the rows as they are now, so a demotion or suspension counts at once.
 */
export function marketAuth(database: Database): RequestHandler {
  return (req, _res, next) => {
    const { market, scope } = req.session ?? {};
    if (!market || !scope || scope.marketId !== market.id) throw unauthorized();
    if (market.state !== 'active') throw forbidden(`market-${market.state}`, { reason: market.stateReason });
    req.scope = traced(scope, req.trace);
    req.db = database.scoped(req.scope);
    next();
  };
}
