import { Router } from 'express';
import { busiestMarkets, marketStates, platformFigures } from '../analytics/platform-figures.queries.ts';
import type { Deps } from '../deps.ts';

/** The admin portal's first page: the platform at a glance, and what waits for an operator. */
export function overviewAdminRoutes({ clock }: Deps): Router {
  const router = Router();
  router.get('/', async (req, res) => {
    const now = clock();
    const [figures, busiest, states, waiting] = await Promise.all([
      platformFigures(req.db, now),
      busiestMarkets(req.db, now),
      marketStates(req.db),
      req.db.offer.count({ where: { state: 'submitted' } }),
    ]);
    res.page('admin/overview/index', {
      title: req.t('common:nav.overview'),
      figures,
      busiest,
      states,
      waiting,
    });
  });
  return router;
}
