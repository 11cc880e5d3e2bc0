import { type Request, type RequestHandler, type Response, Router } from 'express';
import { staffInvitationLink } from '../auth/invitation.staff.routes.ts';
import type { Deps } from '../deps.ts';
import { AppError, conflict } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireOperator } from '../http/request.ts';
import { staffChange, staffInput, staffList } from './staff.input.ts';
import { findStaff, listStaff } from './staff.queries.ts';
import { inviteStaff, recordRenewal, setStaffState, updateStaff } from './staff.service.ts';

/** Pages of the platform's staff. Operators change it; support looks. */
export function staffAdminRoutes(deps: Deps): Router {
  const router = Router();
  router.get('/staff', async (req, res) => {
    const page = await listStaff(req.db, parseList(staffList, req.query));
    res.page('admin/staff/index', { title: req.t('staff:title'), page }, { fragment: 'admin/staff/list' });
  });
  router.get('/staff/new', requireOperator, (req, res) => newPage(req, res, { values: { role: 'support' } }));
  router.post('/staff', requireOperator, invite(deps));
  router.get('/staff/:id', (req, res) => showPage(req, res, idParam(req)));
  router.post('/staff/:id', requireOperator, update);
  router.post('/staff/:id/invitation', requireOperator, renew(deps));
  router.post('/staff/:id/disabling', requireOperator, (req, res) => setState(req, res, 'disabled'));
  router.post('/staff/:id/enabling', requireOperator, (req, res) => setState(req, res, 'active'));
  return router;
}

interface Form {
  readonly values: Record<string, unknown>;
  readonly errors?: object;
}

function newPage(req: Request, res: Response, { values, errors }: Form): void {
  const locals = { title: req.t('staff:new'), values, errors: errors ?? {} };
  res.page('admin/staff/new', locals, { status: errors ? 422 : 200 });
}

async function showPage(req: Request, res: Response, id: string, form?: Form): Promise<void> {
  const member = await findStaff(req.db, id);
  const locals = { title: member.name, member, values: form?.values ?? member, errors: form?.errors ?? {} };
  res.page('admin/staff/show', locals, { status: form ? 422 : 200 });
}

const invite =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const form = parseForm(staffInput, req.body);
    if (!form.ok) return newPage(req, res, form);
    try {
      const id = await inviteStaff(req.db, form.data);
      await mailInvitation(deps, { id, ...form.data });
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 422) throw error;
      return newPage(req, res, { values: form.values, errors: error.fields });
    }
    res.flash('ok', ['team:invited', { email: form.data.email }]);
    res.redirect(303, '/staff');
  };

const renew =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const member = await findStaff(req.db, idParam(req));
    if (member.state !== 'invited') throw conflict('not-invited');
    await recordRenewal(req.db, member.id);
    await mailInvitation(deps, member);
    res.flash('ok', ['team:invited', { email: member.email }]);
    res.redirect(303, `/staff/${member.id}`);
  };

interface Invitee {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
}

async function mailInvitation(deps: Deps, { id, name, email, locale }: Invitee): Promise<void> {
  const link = await staffInvitationLink(deps, id);
  await deps.mailer.send({ to: email, locale, letter: 'staffInvitation', values: { name }, link });
}

async function update(req: Request, res: Response): Promise<void> {
  const id = idParam(req);
  const form = parseForm(staffChange, req.body);
  if (!form.ok) return showPage(req, res, id, form);
  await updateStaff(req.db, id, form.data);
  res.flash('ok', 'staff:saved');
  res.redirect(303, `/staff/${id}`);
}

async function setState(req: Request, res: Response, state: 'active' | 'disabled'): Promise<void> {
  const id = idParam(req);
  await setStaffState(req.db, id, state);
  res.flash('ok', state === 'active' ? 'staff:enabled' : 'staff:disabled');
  res.redirect(303, `/staff/${id}`);
}
