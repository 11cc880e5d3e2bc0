import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireOperator } from '../http/request.ts';
import { layersList, listDifferences } from './layers.queries.ts';
import { acknowledgeDifference } from './layers.service.ts';

/** Where row-level security and the scoping of arguments, each alone, do not say the same. */
export function layersAdminRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/isolation/layers', async (req, res) => {
    const page = await listDifferences(req.db, parseList(layersList, req.query));
    res.page(
      'admin/isolation/layers',
      { title: req.t('isolation:tab.layers'), page },
      { fragment: 'admin/isolation/layers-list' },
    );
  });
  router.post('/isolation/layers/:id/acknowledgement', requireOperator, async (req, res) => {
    await acknowledgeDifference(req.db, idParam(req), clock());
    res.flash('ok', 'isolation:layers.acknowledged');
    res.redirect(303, '/isolation/layers');
  });
  return router;
}
