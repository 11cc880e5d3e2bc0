import { Router } from 'express';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { shopperLabel } from './shopper-scope.ts';
import { shopperList } from './shoppers.input.ts';
import { findMarketName } from './shoppers.queries.ts';
import { lookUpShoppers } from './shoppers.service.ts';

/** A market's shoppers, for staff. */
export function shoppersAdminRoutes(): Router {
  const router = Router();
  router.get('/markets/:id/shoppers', async (req, res) => {
    const market = await findMarketName(req.db, idParam(req));
    const list = parseList(shopperList, req.query);
    const page = await lookUpShoppers(req.db, market.id, list);
    const rows = page.rows.map((row) => ({ ...row, label: shopperLabel(row.id) }));
    const name = req.locale === 'ar' ? market.nameAr : market.nameEn;
    const title = req.t('shoppers:of', { market: name });
    const locals = { title, name, market, list, page: { ...page, rows } };
    res.page('admin/shoppers/index', locals, { fragment: 'admin/shoppers/list' });
  });
  return router;
}
