import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { requireOperator } from '../http/request.ts';
import { findMarket } from '../markets/markets.queries.ts';
import { isBelowUse } from './below-use.ts';
import { overrideForm } from './overrides.input.ts';
import { listOverrides, overrideStates } from './overrides.queries.ts';
import { endOverride, setOverride } from './overrides.service.ts';
import { findUsage } from './usage.queries.ts';

interface Form {
  readonly values: Record<string, unknown>;
  readonly errors: object;
  readonly overruns?: unknown;
  readonly status?: number;
}

/** What one market uses and may use. Operators give it limits of its own. */
export function overridesAdminRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/markets/:id/limits', (req, res) => show(req, res, clock()));
  router.post('/markets/:id/limits', requireOperator, (req, res) => set(req, res, clock()));
  router.post('/markets/:id/limits/:overrideId/end', requireOperator, async (req, res) => {
    const marketId = idParam(req);
    await endOverride(req.db, marketId, idParam(req, 'overrideId'), clock());
    res.flash('ok', 'plans:overrideEnded');
    res.redirect(303, `/markets/${marketId}/limits`);
  });
  return router;
}

async function show(req: Request, res: Response, now: Date, form?: Form): Promise<void> {
  const id = idParam(req);
  const [market, usage, rows] = await Promise.all([
    findMarket(req.db, id),
    findUsage(req.db, now, id),
    listOverrides(req.db, id),
  ]);
  const states = overrideStates(rows, now);
  const overrides = rows.map((row, i) => ({ ...row, state: states[i]! }));
  const { values = {}, errors = {}, overruns = null, status = form ? 422 : 200 } = form ?? {};
  const name = req.locale === 'ar' ? market.nameAr : market.nameEn;
  const locals = { title: `${req.t('plans:usage')}: ${name}`, name, market, usage, overrides };
  res.page('admin/usage/market', { ...locals, values, errors, overruns }, { status });
}

async function set(req: Request, res: Response, now: Date): Promise<void> {
  const id = idParam(req);
  const { timeZone } = await findMarket(req.db, id);
  const form = parseForm(overrideForm(timeZone), req.body);
  if (!form.ok) return show(req, res, now, form);
  try {
    await setOverride(req.db, id, form.data, now);
  } catch (error) {
    const { values } = form;
    if (isBelowUse(error))
      return show(req, res, now, { values, errors: {}, overruns: error.values.overruns, status: 409 });
    if (!(error instanceof AppError) || error.status !== 422) throw error;
    return show(req, res, now, { values, errors: error.fields });
  }
  res.flash('ok', 'plans:overrideSet');
  res.redirect(303, `/markets/${id}/limits`);
}
