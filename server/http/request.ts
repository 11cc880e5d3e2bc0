import type { RequestHandler } from 'express';
import type { LiveSession } from '../auth/session.ts';
import type { ScopedClient } from '../db/client.ts';
import { forbidden } from '../errors.ts';
import type { MarketRole, Scope, StaffRole } from '../market/scope.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** The request's id; the scope it ran under is recorded with it. */
    receipt: string;
    /** Absent before sign-in. */
    session?: LiveSession;
    /** Set by marketAuth / staffAuth: every route behind them may count on it. */
    scope: Scope;
    /** The only database client a feature gets: it carries the scope. */
    db: ScopedClient;
    /** A session cookie was there, and refused for another reason than its age. */
    sessionRefused?: boolean;
  }
}

/**
 * Lets only these roles past: `router.post('/offers', requireRole('owner', 'manager'), …)`.
 * The database's policies say the same once more; this is for a clear answer.
 */
export function requireRole(...roles: (MarketRole | StaffRole)[]): RequestHandler {
  const allowed: readonly string[] = roles;
  return (req, _res, next) => {
    if (allowed.includes(req.scope.actor.role)) return next();
    next(forbidden('role-required', { roles: roles.join(', ') }));
  };
}

export const requireManager: RequestHandler = requireRole('owner', 'manager');
export const requireOwner: RequestHandler = requireRole('owner');
export const requireOperator: RequestHandler = requireRole('operator');
