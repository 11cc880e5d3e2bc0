import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { parseList } from '../http/list-query.ts';
import { shownRow } from './claim-shown.ts';
import { claimList } from './claims.input.ts';
import { claimChoices, listClaims } from './claims.queries.ts';

/** The list of a market's claims. */
export function claimsPartnerRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/claims', async (req, res) => {
    const now = clock();
    const list = parseList(claimList, req.query);
    const [page, choices] = await Promise.all([listClaims(req.db, list, now), claimChoices(req.db)]);
    const rows = page.rows.map((row) => ({ ...row, ...shownRow(row, now) }));
    res.page(
      'partner/claims/index',
      { title: req.t('claims:title'), list, page: { ...page, rows }, choices },
      { fragment: 'partner/claims/list' },
    );
  });
  return router;
}
