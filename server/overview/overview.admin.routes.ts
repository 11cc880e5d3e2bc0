import { Router } from 'express';

export function overviewAdminRoutes(): Router {
  const router = Router();
  router.get('/', (req, res) => res.page('admin/overview/index', { title: req.t('common:nav.overview') }));
  return router;
}
