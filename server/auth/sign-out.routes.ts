import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { clearSessionCookies } from './cookies.ts';
import { endEverywhere } from './password.service.ts';

/** Outside of `auth`, because somebody whose market is suspended may leave too. */
export function signOutRoutes(deps: Deps): Router {
  const router = Router();

  router.post('/sign-out', async (req, res) => {
    const { session } = req;
    if (session) await deps.sessions.end(deps.database.scoped(session.scope), session.id, 'sign-out');
    clearSessionCookies(res, deps.cookies);
    res.flash('ok', 'auth:signedOut');
    res.redirect(303, '/sign-in');
  });

  router.post('/sign-out/everywhere', async (req, res) => {
    if (req.session) await endEverywhere(deps, req.session.personId, req.receipt, 'sign-out-everywhere');
    clearSessionCookies(res, deps.cookies);
    res.flash('ok', 'auth:signedOutEverywhere');
    res.redirect(303, '/sign-in');
  });
  return router;
}
