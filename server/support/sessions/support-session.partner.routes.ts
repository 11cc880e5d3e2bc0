import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import { leaveSupport } from './support-guard.partner.ts';
import { SUPPORT_END } from './support-paths.ts';
import { findAccess } from './support-sessions.queries.ts';

/** What there is within a support session alone: a page about it, and its end. */
export function supportSessionPartnerRoutes({ clock, cookies, open }: Deps): Router {
  const router = Router();

  router.get('/support-session', async (req, res) => {
    const session = await findAccess(req.db, sessionOf(req), clock());
    res.page('partner/support/session', { title: req.t('support:this'), session });
  });

  router.post(SUPPORT_END, async (req: Request, res: Response) => {
    await open!.support.end(req.scope.marketId!, sessionOf(req), req.receipt);
    leaveSupport(req, res, cookies);
    res.page('partner/support/ended', { title: req.t('support:ended') }, { layout: 'plain' });
  });
  return router;
}

function sessionOf({ scope }: Request): string {
  if (!scope.support) throw notFound();
  return scope.support.sessionId;
}
