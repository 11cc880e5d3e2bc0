import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import { parseForm } from '../../http/form.ts';
import { idParam, isId } from '../../http/ids.ts';
import { parseList } from '../../http/list-query.ts';
import { askMarket } from './support-notice.ts';
import { supportRequestInput, supportSessionList } from './support-sessions.input.ts';
import {
  findLookedAt,
  findSupportSession,
  listSupportSessions,
  marketsWithSessions,
} from './support-sessions.queries.ts';
import { endSupportSession, makeSupportLink, requestSupportSession } from './support-sessions.service.ts';

/** Where staff ask for a look at a market, get the way in, and end it. */
export function supportSessionsAdminRoutes(deps: Deps): Router {
  const { clock, config } = deps;
  const router = Router();

  router.get('/support-sessions', async (req, res) => {
    const list = parseList(supportSessionList, req.query);
    const [page, markets] = await Promise.all([
      listSupportSessions(req.db, list, clock()),
      marketsWithSessions(req.db),
    ]);
    const locals = { title: req.t('support:title'), list, page, markets };
    res.page('admin/support-sessions/index', locals, { fragment: 'admin/support-sessions/list' });
  });

  router.get('/markets/:id/support-sessions/new', (req, res) =>
    newPage(req, res, { values: { marketId: idParam(req), minutes: 15 } }),
  );
  router.post('/support-sessions', create(deps));
  router.get('/support-sessions/:id', (req, res) => showPage(req, res, clock()));

  router.post('/support-sessions/:id/link', async (req, res) => {
    const code = await makeSupportLink(req.db, idParam(req), clock());
    const link = `${config.partnerUrl}/support-session/entry?${new URLSearchParams({ code })}`;
    await showPage(req, res, clock(), link);
  });

  router.post('/support-sessions/:id/end', async (req, res) => {
    const id = idParam(req);
    await endSupportSession(req.db, id, clock());
    res.flash('ok', 'support:did.ended');
    res.redirect(303, `/support-sessions/${id}`);
  });
  return router;
}

interface Form {
  readonly values: Record<string, unknown>;
  readonly errors?: object;
}

async function newPage(req: Request, res: Response, { values, errors }: Form): Promise<void> {
  if (!isId(values.marketId)) throw notFound();
  const market = await findLookedAt(req.db, values.marketId);
  const locals = { title: req.t('support:new'), market, values, errors: errors ?? {} };
  res.page('admin/support-sessions/new', locals, { status: errors ? 422 : 200 });
}

const create =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const form = parseForm(supportRequestInput, req.body);
    if (!form.ok) return newPage(req, res, form);
    const { id, consent } = await requestSupportSession(req.db, form.data);
    if (consent === 'asked') await askMarket(deps, req.db, id);
    res.flash('ok', consent === 'asked' ? 'support:did.asked' : 'support:did.requested');
    res.redirect(303, `/support-sessions/${id}`);
  };

async function showPage(req: Request, res: Response, now: Date, link?: string): Promise<void> {
  const session = await findSupportSession(req.db, idParam(req), now);
  const { id, role } = req.scope.actor;
  const isOwn = session.staffUserId === id;
  const locals = { title: req.t('support:one'), session, link, isOwn, mayEnd: isOwn || role === 'operator' };
  if (link) res.set('Cache-Control', 'no-store');
  res.page('admin/support-sessions/show', locals);
}
