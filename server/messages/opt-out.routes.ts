import { type Request, type Response, Router } from 'express';
import { networkOf } from '../auth/throttle.ts';
import type { Deps } from '../deps.ts';
import { notFoundHandler } from '../http/error-handler.ts';
import { orNotFound } from '../http/ids.ts';
import { answerLimit } from '../http/rate-limit.ts';
import { findOptOut, optOut } from './opt-out.ts';

/**
 * The page behind the link in each message. Looking at it changes nothing, because mail scanners look at links; the
 * POST is the wish, from the page's button or from a mail program (RFC 8058). The link alone says who it is, so there
 * is no session and no form token: whoever could forge the POST holds the link already.
 */
export function optOutRoutes({ open }: Deps): Router {
  const router = Router();
  if (!open) return router;
  const { database, limits } = open;
  const find = async (req: Request, res: Response) => {
    answerLimit(res, limits.count(limits.requests, `page:${networkOf(req.ip ?? '')}`));
    res.set({ 'Cache-Control': 'private, no-store', 'X-Robots-Tag': 'noindex' });
    return orNotFound(await findOptOut(database, String(req.params.token), req.receipt));
  };
  const show = (req: Request, res: Response, channel: string, isDone: boolean) =>
    res.page(
      'unsubscribe/show',
      { title: req.t('messages:optOut.title'), channel, isDone },
      { layout: 'plain' },
    );
  router.get('/unsubscribe/:token', async (req, res) => {
    const { channel } = await find(req, res);
    show(req, res, channel, false);
  });
  router.post('/unsubscribe/:token', async (req, res) => {
    const found = await find(req, res);
    await optOut(database, found, req.receipt);
    show(req, res, found.channel, true);
  });
  router.use('/unsubscribe', notFoundHandler);
  return router;
}
