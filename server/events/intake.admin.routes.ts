import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { intakeHealth } from './intake.queries.ts';

/** How the intake of events does: what came in, what waits to be counted, and whether figures agree with the events. */
export function intakeAdminRoutes({ database, clock }: Pick<Deps, 'database' | 'clock'>): Router {
  const router = Router();
  router.get('/analytics/intake', async (req, res) => {
    const health = await intakeHealth(req.db, database.direct(req.scope), clock());
    res.page('admin/analytics/intake', { title: req.t('events:title'), ...health });
  });
  return router;
}
