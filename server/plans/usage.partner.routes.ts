import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { findUsage } from './usage.queries.ts';

/** What the market uses of its plan, how that came about, and what the month will come to. */
export function usagePartnerRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/usage', async (req: Request, res: Response) => {
    const usage = await findUsage(req.db, clock());
    res.page('partner/usage/index', { title: req.t('plans:usage'), usage });
  });
  return router;
}
