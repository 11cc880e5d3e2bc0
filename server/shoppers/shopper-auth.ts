import type { RequestHandler } from 'express';
import type { Deps, OpenDeps } from '../deps.ts';
import { unauthorized } from '../errors.ts';
import type { Actor } from '../market/scope.ts';
import type { OpenRequest, VerifyShopper } from '../public/open-request.ts';
import { shopperScope } from './shopper-scope.ts';
import { createShopperTokens } from './shopper-tokens.ts';
import { findProfile } from './shoppers.queries.ts';

/** A shopper who has shown a token, with the session that it belongs to. */
export interface ShopperActor extends Actor {
  readonly kind: 'shopper';
  readonly sessionId: string;
}

/** What signs shoppers in needs of the process that holds the public surface. */
export interface ShopperDeps extends Omit<Deps, 'open'> {
  readonly open: OpenDeps;
}

/** @throws Error in a process that has no public surface. */
export function withOpen(deps: Deps): ShopperDeps {
  if (!deps.open) throw new Error('This process has no public surface');
  return { ...deps, open: deps.open };
}

/**
 * From a token to its shopper. The market is the request's own: a token of another one is doubted. The session's row
 * is asked for each time, under the shopper's scope, so that signing out and deletion count at once.
 */
export function shopperVerifier(deps: Deps): VerifyShopper {
  const { open, clock } = withOpen(deps);
  const tokens = createShopperTokens(open.tokenKeys);
  return async ({ market, scope }, token) => {
    const now = clock();
    const claims = await tokens.verify(token, now);
    if (!claims || claims.marketId !== market.id) return null;
    const own = shopperScope(claims.marketId, claims.shopperId, scope.receipt);
    const profile = await findProfile(open.database.direct(own), claims.sessionId, now);
    if (!profile) return null;
    return { ...own.actor, kind: 'shopper', sessionId: claims.sessionId } satisfies ShopperActor;
  };
}

/** Lets only shoppers past. */
export const requireShopper: RequestHandler = (req, res, next) => {
  if (req.open.scope.actor.kind === 'shopper') return next();
  res.set('WWW-Authenticate', 'Bearer');
  next(unauthorized('token-refused'));
};

/** The session of a request behind `requireShopper`. */
export const sessionOf = ({ scope }: OpenRequest): string => (scope.actor as ShopperActor).sessionId;
