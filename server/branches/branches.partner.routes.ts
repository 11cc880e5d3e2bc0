import { type Request, type Response, Router } from 'express';
import type { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { planLimitOf } from '../plans/plan-limits.ts';
import { limitUse } from '../plans/usage.queries.ts';
import { branchForm, branchList } from './branches.input.ts';
import { findBranch, listBranches } from './branches.queries.ts';
import { createBranch, setBranchState, updateBranch } from './branches.service.ts';
import { readHours } from './opening-hours.ts';

/** Pages of a market's branches. */
export function branchesPartnerRoutes(): Router {
  const router = Router();
  router.get('/branches', index);
  router.get('/branches/new', requireManager, (req, res) => edit(req, res, { id: null, values: {} }));
  router.post('/branches', requireManager, create);
  router.get('/branches/:id', (req, res) => show(req, res));
  router.get('/branches/:id/edit', requireManager, async (req, res) => {
    const branch = await findBranch(req.db, idParam(req));
    await edit(req, res, { id: branch.id, values: formValues(branch) });
  });
  router.post('/branches/:id', requireManager, update);
  router.post('/branches/:id/closing', requireManager, (req, res) => setState(req, res, 'closed'));
  router.post('/branches/:id/opening', requireManager, (req, res) => setState(req, res, 'open'));
  return router;
}

async function index(req: Request, res: Response): Promise<void> {
  const list = parseList(branchList, req.query);
  const [page, { branches: use }] = await Promise.all([listBranches(req.db, list), limitUse(req.db)]);
  res.page(
    'partner/branches/index',
    { title: req.t('branches:title'), list, page, use },
    { fragment: 'partner/branches/list' },
  );
}

async function show(req: Request, res: Response, problem?: AppError): Promise<void> {
  const [branch, { branches: use }] = await Promise.all([findBranch(req.db, idParam(req)), limitUse(req.db)]);
  const name = req.locale === 'ar' ? branch.nameAr : branch.nameEn;
  const locals = { title: name, name, branch, hours: readHours(branch.hours), use };
  const message = problem && [`errors:${problem.code}.text`, problem.values];
  res.page('partner/branches/show', { ...locals, problem: message }, { status: problem?.status ?? 200 });
}

async function create(req: Request, res: Response): Promise<void> {
  const form = parseForm(branchForm, req.body);
  if (!form.ok) return edit(req, res, { id: null, ...form });
  try {
    const id = await createBranch(req.db, form.data);
    res.flash('ok', 'branches:created');
    res.redirect(303, `/branches/${id}`);
  } catch (error) {
    if (!planLimitOf(error)) throw error;
    const { code, values } = error as AppError;
    await edit(
      req,
      res,
      { id: null, values: form.values, errors: { _form: [`errors:${code}.text`, values] } },
      409,
    );
  }
}

async function update(req: Request, res: Response): Promise<void> {
  const id = idParam(req);
  const form = parseForm(branchForm, req.body);
  if (!form.ok) {
    await findBranch(req.db, id);
    return edit(req, res, { id, ...form });
  }
  await updateBranch(req.db, id, form.data);
  res.flash('ok', 'branches:saved');
  res.redirect(303, `/branches/${id}`);
}

async function setState(req: Request, res: Response, state: 'open' | 'closed'): Promise<void> {
  const id = idParam(req);
  try {
    await setBranchState(req.db, id, state);
  } catch (error) {
    if (!planLimitOf(error)) throw error;
    return show(req, res, error as AppError);
  }
  res.flash('ok', state === 'open' ? 'branches:opened' : 'branches:closed');
  res.redirect(303, `/branches/${id}`);
}

interface EditLocals {
  readonly id: string | null;
  readonly values: Record<string, unknown>;
  readonly errors?: object;
}

async function edit(
  req: Request,
  res: Response,
  { id, values, errors = {} }: EditLocals,
  refused?: number,
): Promise<void> {
  const { branches: use } = await limitUse(req.db);
  const title = req.t(id ? 'branches:edit' : 'branches:new');
  const status = refused ?? (Object.keys(errors).length > 0 ? 422 : 200);
  res.page('partner/branches/edit', { title, id, values, errors, use }, { status });
}

/** A stored branch as its form shows it. */
function formValues(branch: Awaited<ReturnType<typeof findBranch>>): Record<string, unknown> {
  const times = readHours(branch.hours).flatMap(({ day, opens, closes }) => [
    [`opens-${day}`, opens],
    [`closes-${day}`, closes],
  ]);
  return { ...branch, ...Object.fromEntries(times) };
}
