import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { findMarket } from '../markets/markets.queries.ts';
import { keyList } from './keys.input.ts';
import { listKeys } from './keys.queries.ts';

/** A market's publishable keys, for staff: they look, the market decides. */
export function keysAdminRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/markets/:id/keys', async (req, res) => {
    const market = await findMarket(req.db, idParam(req));
    const list = parseList(keyList, req.query);
    const page = await listKeys(req.db, list, clock(), market.id);
    const name = req.locale === 'ar' ? market.nameAr : market.nameEn;
    const locals = { title: req.t('keys:of', { market: name }), name, market, list, page };
    res.page('admin/keys/index', locals, { fragment: 'admin/keys/list' });
  });
  return router;
}
