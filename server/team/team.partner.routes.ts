import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireOwner } from '../http/request.ts';
import { planLimitOf } from '../plans/plan-limits.ts';
import { limitUse } from '../plans/usage.queries.ts';
import { sendInvitation } from './invitation-mail.ts';
import { invitationInput, memberInput, teamList } from './team.input.ts';
import { findMember, listTeam } from './team.queries.ts';
import { inviteMember, removeMember, renewInvitation, updateMember } from './team.service.ts';

/** Pages of a market's team. Everybody sees who is in it; owners change it. */
export function teamPartnerRoutes(deps: Deps): Router {
  const router = Router();
  router.get('/team', index);
  router.get('/team/new', requireOwner, (req, res) =>
    invitationPage(req, res, { values: { role: 'manager' } }),
  );
  router.post('/team', requireOwner, invite(deps));
  router.get('/team/:id', show);
  router.post('/team/:id', requireOwner, update);
  router.post('/team/:id/invitation', requireOwner, renew(deps));
  router.post('/team/:id/removal', requireOwner, async (req, res) => {
    await removeMember(req.db, idParam(req));
    res.flash('ok', 'team:removed');
    res.redirect(303, '/team');
  });
  return router;
}

async function index(req: Request, res: Response): Promise<void> {
  const list = parseList(teamList, req.query);
  const [page, { members: use }] = await Promise.all([listTeam(req.db, list), limitUse(req.db)]);
  res.page(
    'partner/team/index',
    { title: req.t('team:title'), list, page, use },
    { fragment: 'partner/team/list' },
  );
}

async function show(req: Request, res: Response): Promise<void> {
  const member = await findMember(req.db, idParam(req));
  res.page('partner/team/show', { title: member.name, member, values: member, errors: {} });
}

async function invitationPage(
  req: Request,
  res: Response,
  form: { values: object; errors?: object },
  refused = 422,
): Promise<void> {
  const { members: use } = await limitUse(req.db);
  const status = form.errors ? refused : 200;
  res.page(
    'partner/team/new',
    { title: req.t('team:new'), values: form.values, errors: form.errors ?? {}, use },
    { status },
  );
}

const invite =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const form = parseForm(invitationInput, req.body);
    if (!form.ok) return invitationPage(req, res, form);
    try {
      const { secret } = await inviteMember(req.db, form.data, deps.clock());
      await sendInvitation(deps, form.data, req.session!.market!, secret);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const isFull = planLimitOf(error) !== null;
      if (error.status !== 422 && !isFull) throw error;
      const full = { _form: [`errors:${error.code}.text`, error.values] };
      const errors = isFull ? full : error.fields;
      return invitationPage(req, res, { values: form.values, errors }, error.status);
    }
    res.flash('ok', ['team:invited', { email: form.data.email }]);
    res.redirect(303, '/team');
  };

const renew =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const id = idParam(req);
    const { secret } = await renewInvitation(req.db, id, deps.clock());
    const member = await findMember(req.db, id);
    await sendInvitation(deps, member, req.session!.market!, secret);
    res.flash('ok', ['team:invited', { email: member.email }]);
    res.redirect(303, `/team/${id}`);
  };

async function update(req: Request, res: Response): Promise<void> {
  const id = idParam(req);
  const form = parseForm(memberInput, req.body);
  if (!form.ok) {
    const member = await findMember(req.db, id);
    return res.page('partner/team/show', { title: member.name, member, ...form }, { status: 422 });
  }
  await updateMember(req.db, id, form.data);
  res.flash('ok', 'team:saved');
  res.redirect(303, `/team/${id}`);
}
