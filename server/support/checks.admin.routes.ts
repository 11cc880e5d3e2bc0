import { Router } from 'express';
import type { Deps } from '../deps.ts';

/** The boot guard's questions, asked again at every look: what the database would refuse, and whether it still does. */
export function checksAdminRoutes({ inspect }: Pick<Deps, 'inspect'>): Router {
  const router = Router();
  router.get('/checks', async (req, res) => {
    const checks = await inspect();
    const wrong = checks.filter(({ findings }) => findings.length > 0).length;
    res.page('admin/checks/index', { title: req.t('checks:title'), checks, wrong });
  });
  return router;
}
