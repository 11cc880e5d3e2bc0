import { Router } from 'express';
import { parseList } from '../http/list-query.ts';
import { auditList } from './audit.input.ts';
import { behalfNames, listAudit } from './audit.queries.ts';
import { sendAuditFile, withoutFormat } from './audit-download.ts';

/** The market's own trail, what staff did to it included. */
export function auditPartnerRoutes(): Router {
  const router = Router();
  router.get('/audit', async (req, res) => {
    const page = await listAudit(req.db, parseList(auditList, req.query));
    const behalves = await behalfNames(req.db, page.rows);
    const title = req.t('audit:title');
    res.page('partner/audit/index', { title, page, behalves }, { fragment: 'partner/audit/list' });
  });
  router.get('/audit/file', async (req, res) => {
    const list = parseList(auditList, withoutFormat(req.query));
    await sendAuditFile(req, res, 'markets', list, `${req.session!.market!.slug}-audit`);
  });
  return router;
}
