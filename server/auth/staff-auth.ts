import type { RequestHandler } from 'express';
import type { Database } from '../db/client.ts';
import { unauthorized } from '../errors.ts';
import { traced } from '../market/scope.ts';

/** Turns a staff session into the scope of the request: all markets, as operator or support. */
export function staffAuth(database: Database): RequestHandler {
  return (req, _res, next) => {
    const { scope } = req.session ?? {};
    if (scope?.surface !== 'admin' || scope.actor.kind !== 'staff') throw unauthorized();
    req.scope = traced(scope, req.trace);
    req.db = database.scoped(req.scope);
    next();
  };
}
