import { Router } from 'express';
import { recentFigures } from '../analytics/days.queries.ts';
import { platformToday } from '../analytics/platform-day.queries.ts';
import type { Deps } from '../deps.ts';
import { busiestMarkets, marketStates } from './overview.queries.ts';

/** The admin portal's first page: the platform at a glance, and what waits for an operator. */
export function overviewAdminRoutes({ clock }: Deps): Router {
  const router = Router();
  router.get('/', async (req, res) => {
    const today = await platformToday(req.db, clock());
    const [figures, busiest, states, waiting] = await Promise.all([
      recentFigures(req.db, today),
      busiestMarkets(req.db, today),
      marketStates(req.db),
      req.db.offer.count({ where: { state: 'submitted' } }),
    ]);
    const title = req.t('common:nav.overview');
    res.page('admin/overview/index', { title, figures, busiest, states, waiting });
  });
  return router;
}
