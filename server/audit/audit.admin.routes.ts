import { Router } from 'express';
import { parseList } from '../http/list-query.ts';
import { auditAdminList, platformAuditList } from './audit.input.ts';
import { behalfNames, listAudit, listPlatformAudit } from './audit.queries.ts';
import { sendAuditFile, withoutFormat } from './audit-download.ts';

/** The trails of all markets, and that of the platform itself. */
export function auditAdminRoutes(): Router {
  const router = Router();
  const title = 'audit:title';
  router.get('/audit', async (req, res) => {
    const page = await listAudit(req.db, parseList(auditAdminList, req.query));
    const locals = { title: req.t(title), page, behalves: await behalfNames(req.db, page.rows) };
    res.page('admin/audit/index', locals, { fragment: 'admin/audit/list' });
  });
  router.get('/audit/file', async (req, res) => {
    const list = parseList(auditAdminList, withoutFormat(req.query));
    await sendAuditFile(req, res, 'markets', list, 'audit');
  });
  router.get('/audit/platform/file', async (req, res) => {
    const list = parseList(platformAuditList, withoutFormat(req.query));
    await sendAuditFile(req, res, 'platform', list, 'audit-platform');
  });
  router.get('/audit/platform', async (req, res) => {
    const page = await listPlatformAudit(req.db, parseList(platformAuditList, req.query));
    const locals = { title: req.t('audit:platform'), page };
    res.page('admin/audit/platform', locals, { fragment: 'admin/audit/platform-list' });
  });
  return router;
}
