import { Router } from 'express';
import { idParam, orNotFound } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { actorKindOf } from '../isolation/why.service.ts';
import { platformReceiptList, receiptList } from './receipts.input.ts';
import { countLost, findReceipt, listPlatformReceipts, listReceipts } from './receipts.queries.ts';

/** What each request ran under and did, for support. */
export function receiptsAdminRoutes(): Router {
  const router = Router();
  router.get('/receipts', async (req, res) => {
    const [page, lost] = await Promise.all([
      listReceipts(req.db, parseList(receiptList, req.query)),
      countLost(req.db),
    ]);
    const locals = { title: req.t('receipts:title'), page, lost };
    res.page('admin/receipts/index', locals, { fragment: 'admin/receipts/list' });
  });
  router.get('/receipts/platform', async (req, res) => {
    const page = await listPlatformReceipts(req.db, parseList(platformReceiptList, req.query));
    const locals = { title: req.t('receipts:platform'), page };
    res.page('admin/receipts/platform', locals, { fragment: 'admin/receipts/list' });
  });
  router.get('/receipts/:id', async (req, res) => {
    const receipt = orNotFound(await findReceipt(req.db, idParam(req)));
    const isAskable = actorKindOf(receipt.actorKind) !== undefined;
    res.page('admin/receipts/show', { title: req.t('receipts:one'), receipt, isAskable });
  });
  return router;
}
