import { Router } from 'express';
import { dayIn } from '../analytics/calendar.ts';
import { recentFigures } from '../analytics/days.queries.ts';
import type { Deps } from '../deps.ts';
import { countOpenConflicts } from '../sync/conflicts.queries.ts';
import { offerStates, topOffers } from './overview.queries.ts';

/** The partner portal's first page: what happened, and what waits for somebody. */
export function overviewPartnerRoutes({ clock }: Deps): Router {
  const router = Router();
  router.get('/', async (req, res) => {
    const today = dayIn(req.session!.market!.timeZone, clock());
    const [figures, top, states, conflicts] = await Promise.all([
      recentFigures(req.db, today),
      topOffers(req.db, today),
      offerStates(req.db),
      countOpenConflicts(req.db),
    ]);
    res.page('partner/overview/index', {
      title: req.t('common:nav.overview'),
      figures,
      top,
      states,
      conflicts,
    });
  });
  return router;
}
