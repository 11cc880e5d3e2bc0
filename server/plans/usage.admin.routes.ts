import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { requireOperator } from '../http/request.ts';
import { listDrifts } from './drift.queries.ts';
import { acknowledgeDrift } from './drift.service.ts';
import { platformUsage, platformUsageQuery } from './platform-usage.queries.ts';

/** Who is near to a limit, and whether the counters are right. */
export function usageAdminRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/usage', async (req, res) => {
    // What is not understood in the address is left out, as in every list.
    const { q, limit, state } = req.query;
    const parsed = platformUsageQuery.safeParse({ q, limit: limit || undefined, state: state || undefined });
    const query = parsed.success ? parsed.data : { q: '' };
    const [usage, drifts] = await Promise.all([platformUsage(req.db, query, clock()), listDrifts(req.db)]);
    res.page(
      'admin/usage/index',
      { title: req.t('plans:usage'), usage, drifts },
      { fragment: 'admin/usage/list' },
    );
  });
  router.post('/usage/drifts/:marketId/:id/acknowledgement', requireOperator, async (req, res) => {
    await acknowledgeDrift(req.db, idParam(req, 'marketId'), idParam(req), clock());
    res.flash('ok', 'plans:acknowledged');
    res.redirect(303, '/usage');
  });
  return router;
}
