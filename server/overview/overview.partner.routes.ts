import { Router } from 'express';
import { marketFigures, offerStates, topOffers } from '../analytics/market-figures.queries.ts';
import type { Deps } from '../deps.ts';

/** The partner portal's first page: what happened, and what waits for somebody. */
export function overviewPartnerRoutes({ clock }: Deps): Router {
  const router = Router();
  router.get('/', async (req, res) => {
    const now = clock();
    const [figures, top, states] = await Promise.all([
      marketFigures(req.db, req.session!.market!.timeZone, now),
      topOffers(req.db, now),
      offerStates(req.db),
    ]);
    res.page('partner/overview/index', { title: req.t('common:nav.overview'), figures, top, states });
  });
  return router;
}
