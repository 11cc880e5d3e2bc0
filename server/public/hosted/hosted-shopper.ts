import type { Request, RequestHandler, Response } from 'express';
import { COOKIE } from '../../auth/cookies.ts';
import type { Database } from '../../db/client.ts';
import type { VerifyShopper } from '../open-request.ts';
import { openRequest } from '../public-auth.ts';

/**
 * One cookie a market, so that a shopper of two is two. It holds a shopper's token, which no route of a portal takes:
 * those look for other names, other keys and another kind of token. `__Host-` keeps other hosts from planting one.
 */
const nameOf = (slug: string) => `__Host-bulkhead-shopper-${slug}`;

/** Puts the request under the scope of the shopper whose cookie it brings; a cookie that is doubted is taken away. */
export function hostedShopper(database: Database, verify: VerifyShopper): RequestHandler {
  return async (req, res, next) => {
    const { scope, market, key } = req.open;
    const token = req.cookies[nameOf(market.slug)] as string | undefined;
    if (token === undefined) return next();
    const actor = await verify(req.open, token);
    if (actor) {
      req.open = openRequest(database, { ...scope, actor }, market, key);
      res.locals.hosted.isSignedIn = true;
    } else forgetShopper(req, res);
    next();
  };
}

export function rememberShopper(req: Request, res: Response, token: string, expires: Date): void {
  res.cookie(nameOf(req.open.market.slug), token, { ...COOKIE, expires });
}

export function forgetShopper(req: Request, res: Response): void {
  res.clearCookie(nameOf(req.open.market.slug), COOKIE);
}

/** Shoppers alone; anybody else signs in first and comes back. */
export const requireHostedShopper: RequestHandler = (req, res, next) => {
  if (req.open.scope.actor.kind === 'shopper') return next();
  const { to } = res.locals.hosted;
  const next_ = req.method === 'GET' && req.path.startsWith('/account') ? 'account' : 'claims';
  res.redirect(303, to('/sign-in', { next: next_ }));
};
