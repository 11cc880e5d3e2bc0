import { Router } from 'express';

export function overviewPartnerRoutes(): Router {
  const router = Router();
  router.get('/', (req, res) => res.page('partner/overview/index', { title: req.t('common:nav.overview') }));
  return router;
}
