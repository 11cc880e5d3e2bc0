import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../deps.ts';
import { parseForm } from '../../http/form.ts';
import { idParam } from '../../http/ids.ts';
import { parseList } from '../../http/list-query.ts';
import { requireManager } from '../../http/request.ts';
import { listSeen } from '../../receipts/receipts.queries.ts';
import { accessLogList, consentInput } from './support-sessions.input.ts';
import { findAccess, listAccess } from './support-sessions.queries.ts';
import { answerSupportRequest, stopSupportSession } from './support-sessions.service.ts';

/** Who of the platform looked at the market. The whole team reads it; owners and managers answer and stop. */
export function accessLogPartnerRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();

  router.get('/access-log', async (req, res) => {
    const list = parseList(accessLogList, req.query);
    const page = await listAccess(req.db, list, clock());
    const locals = { title: req.t('support:log'), list, page };
    res.page('partner/access-log/index', locals, { fragment: 'partner/access-log/list' });
  });

  router.get('/access-log/:id', (req, res) => show(req, res, clock()));

  router.post('/access-log/:id/consent', requireManager, async (req, res) => {
    const id = idParam(req);
    const form = parseForm(consentInput, req.body);
    if (!form.ok) return show(req, res, clock(), form.errors);
    await answerSupportRequest(req.db, id, form.data.consent, clock());
    res.flash('ok', `support:did.${form.data.consent}`);
    res.redirect(303, `/access-log/${id}`);
  });

  router.post('/access-log/:id/stop', requireManager, async (req, res) => {
    const id = idParam(req);
    await stopSupportSession(req.db, id, clock());
    res.flash('ok', 'support:did.stopped');
    res.redirect(303, `/access-log/${id}`);
  });
  return router;
}

async function show(req: Request, res: Response, now: Date, errors?: object): Promise<void> {
  const session = await findAccess(req.db, idParam(req), now);
  const seen = await listSeen(req.db, session.id);
  const locals = { title: req.t('support:one'), session, seen, errors: errors ?? {} };
  res.page('partner/access-log/show', locals, { status: errors ? 422 : 200 });
}
