import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { ACTOR_KINDS, askWhy, TABLES, VERBS } from '../isolation/why.service.ts';
import { whyInput } from './why.input.ts';

/** Why somebody can, or can't, see or change a row. The question is in the address, so that it can be passed on. */
export function whyAdminRoutes({ installation }: Pick<Deps, 'installation'>): Router {
  const router = Router();
  router.get('/why', async (req, res) => {
    if (req.query.row === undefined) return show(req, res, { values: req.query });
    const form = parseForm(whyInput, req.query);
    if (!form.ok) return show(req, res, form);
    try {
      show(req, res, { ...form, answer: await askWhy(req.db, installation, form.data) });
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 422) throw error;
      show(req, res, { values: form.values, errors: error.fields });
    }
  });
  return router;
}

interface Shown {
  readonly values: object;
  readonly errors?: object | undefined;
  readonly answer?: object;
}

function show(req: Request, res: Response, { values, errors = {}, answer }: Shown): void {
  const choices = { kinds: ACTOR_KINDS, tables: TABLES, verbs: VERBS };
  const locals = { title: req.t('why:title'), values, errors, answer: answer ?? null, ...choices };
  res.page('admin/why/index', locals, { status: Object.keys(errors).length > 0 ? 422 : 200 });
}
