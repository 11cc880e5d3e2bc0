import { createHmac } from 'node:crypto';
import { type Request, type RequestHandler, Router } from 'express';
import type { Deps, OpenDeps } from '../../deps.ts';
import { csrf } from '../../http/csrf.ts';
import { notFoundHandler } from '../../http/error-handler.ts';
import { flash } from '../../http/flash.ts';
import { sessionOf, shopperVerifier, withOpen } from '../../shoppers/shopper-auth.ts';
import { hostedAccountRoutes } from './hosted-account.routes.ts';
import { hostedClaimsRoutes } from './hosted-claims.routes.ts';
import { hostedLanguage } from './hosted-language.ts';
import { hostedMarket } from './hosted-market.ts';
import { hostedOffersRoutes } from './hosted-offers.routes.ts';
import { hostedShopper } from './hosted-shopper.ts';
import { viewCounter } from './hosted-views.ts';

/**
 * A page for each active market at `/m/<slug>`: everything that the widget does, by plain links and forms. In front of
 * the portal's sessions, with cookies and form tokens of its own: what is sent here means nothing there, and the reverse.
 */
export function hostedRoutes(deps: Deps): Router {
  const { open } = withOpen(deps);
  const router = Router();
  router.use(
    '/m/:slug',
    hostedLanguage(deps.messages),
    hostedMarket(open),
    hostedShopper(open.database, shopperVerifier(deps)),
    formGuard(open, new URL(deps.config.publicUrl).origin),
    flash('__Host-bulkhead-shopper-flash'),
    hostedOffersRoutes({ ...deps, onView: viewCounter(open, deps.logger) }),
    hostedAccountRoutes(deps),
    hostedClaimsRoutes(deps),
    notFoundHandler,
  );
  router.use('/m', notFoundHandler);
  return router;
}

/** A token is good for one market and one shopper's session alone, and before signing in for nobody's. */
function formGuard({ tokenKeys }: OpenDeps, origin: string): RequestHandler {
  const secrets = tokenKeys.map(({ key }) => createHmac('sha256', key).update('csrf').digest('hex'));
  const sessionIn = ({ open }: Request) =>
    open.scope.actor.kind === 'shopper' ? sessionOf(open) : `visitor of ${open.market.id}`;
  // One a market, so that two markets in two tabs don't take each other's token away.
  const guards = new Map<string, RequestHandler>();
  return (req, res, next) => {
    const { slug } = req.open.market;
    const cookie = `__Host-bulkhead-shopper-csrf-${slug}`;
    const guard = guards.get(slug) ?? csrf({ cookie, secrets, origin, sessionOf: sessionIn });
    guards.set(slug, guard);
    guard(req, res, next);
  };
}
