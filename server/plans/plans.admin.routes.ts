import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { requireOperator } from '../http/request.ts';
import { isBelowUse } from './below-use.ts';
import { planInput } from './plans.input.ts';
import { findPlan, listPlansWithUse } from './plans.queries.ts';
import { updatePlan } from './plans.service.ts';

interface Form {
  readonly values: Record<string, unknown>;
  readonly errors: object;
  readonly overruns?: unknown;
  readonly status?: number;
}

/** Pages of plans. Support staff look; operators change. */
export function plansAdminRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/plans', async (req, res) => {
    const plans = await listPlansWithUse(req.db);
    res.page('admin/plans/index', { title: req.t('plans:plans'), plans });
  });
  router.get('/plans/:id', (req, res) => show(req, res, planId(req)));
  router.post('/plans/:id', requireOperator, (req, res) => update(req, res, clock()));
  return router;
}

function planId(req: Request): string {
  const { id } = req.params;
  if (typeof id !== 'string' || !/^[a-z]{1,32}$/.test(id)) throw notFound();
  return id;
}

async function show(req: Request, res: Response, id: string, form?: Form): Promise<void> {
  const plan = await findPlan(req.db, id);
  const title = req.locale === 'ar' ? plan.nameAr : plan.nameEn;
  const { values = plan, errors = {}, overruns = null, status = form ? 422 : 200 } = form ?? {};
  res.page('admin/plans/show', { title, plan, values, errors, overruns }, { status });
}

async function update(req: Request, res: Response, now: Date): Promise<void> {
  const id = planId(req);
  const form = parseForm(planInput, req.body);
  if (!form.ok) return show(req, res, id, form);
  try {
    await updatePlan(req.db, id, form.data, now);
  } catch (error) {
    if (!isBelowUse(error)) throw error;
    const { overruns } = error.values;
    return show(req, res, id, { values: form.values, errors: {}, overruns, status: 409 });
  }
  res.flash('ok', 'plans:saved');
  res.redirect(303, `/plans/${id}`);
}
