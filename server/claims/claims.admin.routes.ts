import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { findMarketName } from '../shoppers/shoppers.queries.ts';
import { shownRow } from './claim-shown.ts';
import { claimListOfMarket } from './claims.input.ts';
import { claimedOffers, listClaims } from './claims.queries.ts';

/** A market's claims, for staff. Whose they are is told by label alone. */
export function claimsAdminRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/markets/:id/claims', async (req, res) => {
    const market = await findMarketName(req.db, idParam(req));
    const now = clock();
    const list = parseList(claimListOfMarket, req.query);
    const [page, offers] = await Promise.all([
      listClaims(req.db, list, now, market.id),
      claimedOffers(req.db, market.id),
    ]);
    const rows = page.rows.map((row) => ({ ...row, ...shownRow(row, now) }));
    const name = req.locale === 'ar' ? market.nameAr : market.nameEn;
    const title = req.t('claims:of', { market: name });
    const locals = { title, name, market, list, page: { ...page, rows }, offers };
    res.page('admin/claims/index', locals, { fragment: 'admin/claims/list' });
  });
  return router;
}
