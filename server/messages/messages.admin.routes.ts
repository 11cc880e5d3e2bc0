import { Router } from 'express';
import { parseList } from '../http/list-query.ts';
import { listCampaignsOfAll } from './messages.admin.queries.ts';
import { campaignListOfAll } from './messages.input.ts';

/** Campaigns of all markets, for staff: how much is sent, and where it is stuck. */
export function messagesAdminRoutes(): Router {
  const router = Router();
  router.get('/messages', async (req, res) => {
    const list = parseList(campaignListOfAll, req.query);
    const page = await listCampaignsOfAll(req.db, list);
    const locals = { title: req.t('messages:ofAll'), list, page };
    res.page('admin/messages/index', locals, { fragment: 'admin/messages/list' });
  });
  return router;
}
