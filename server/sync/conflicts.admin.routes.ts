import { Router } from 'express';
import { spelled } from '../claims/claim-code.ts';
import { parseList } from '../http/list-query.ts';
import { conflictAdminList } from './conflicts.input.ts';
import { conflictMarkets, listPlatformConflicts } from './conflicts.queries.ts';

/** Conflicts of all markets, for staff: they look, the market decides. */
export function conflictsAdminRoutes(): Router {
  const router = Router();
  router.get('/conflicts', async (req, res) => {
    const list = parseList(conflictAdminList, req.query);
    const [page, markets] = await Promise.all([listPlatformConflicts(req.db, list), conflictMarkets(req.db)]);
    const rows = page.rows.map((row) => ({ ...row, spelled: spelled(row.code) }));
    const locals = { title: req.t('conflicts:title'), list, page: { ...page, rows }, markets };
    res.page('admin/conflicts/index', locals, { fragment: 'admin/conflicts/list' });
  });
  return router;
}
