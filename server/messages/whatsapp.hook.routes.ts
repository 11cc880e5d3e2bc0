import { Router, raw } from 'express';
import type { Deps } from '../deps.ts';
import { badRequest, forbidden } from '../errors.ts';
import { notFoundHandler, problemHandler } from '../http/error-handler.ts';
import { noteDelivery } from './delivery.service.ts';
import { isSigned, isVerifyToken, readStatuses } from './whatsapp-webhook.ts';

/** As its documentation says: notifications are up to 3 MB. */
const LARGEST = '3mb';

/** `/hooks/whatsapp`: the Cloud API proves itself by the app's secret, once to be told of and then with each notification. */
export function whatsAppHookRoutes({ open, database }: Deps): Router {
  const router = Router();
  const settings = open?.whatsApp;
  if (settings) {
    router.get('/whatsapp', (req, res) => {
      const query = new URLSearchParams(req.url.split('?')[1] ?? '');
      const challenge = query.get('hub.challenge') ?? '';
      const isAsked = query.get('hub.mode') === 'subscribe' && /^[\w-]{1,200}$/.test(challenge);
      if (!isAsked || !isVerifyToken(query.get('hub.verify_token'), settings.verifyToken))
        throw forbidden('hook-refused');
      res.type('text/plain').send(challenge);
    });
    router.post('/whatsapp', raw({ type: () => true, limit: LARGEST }), async (req, res) => {
      const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
      if (!isSigned(body, req.get('X-Hub-Signature-256'), settings.appSecret))
        throw forbidden('hook-refused');
      for (const status of readStatuses(parse(body), settings))
        await noteDelivery(database, status, req.receipt);
      res.json({});
    });
  }
  router.use(notFoundHandler, problemHandler());
  return router;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest('bad-json');
  }
}
