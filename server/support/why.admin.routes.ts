import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError, type FieldErrors } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { ACTOR_KINDS, askWhy, TABLES, VERBS } from '../isolation/why.service.ts';
import { whyInput } from './why.input.ts';
import { askByReceipt, type Named, receiptNamed } from './why.receipt.ts';

/** Why somebody can, or can't, see or change a row. The question is in the address, so that it can be passed on. */
export function whyAdminRoutes({ installation }: Pick<Deps, 'installation'>): Router {
  const router = Router();
  router.get('/why', async (req, res) => {
    const shown: Shown = { values: req.query };
    try {
      if (req.query.receipt !== undefined) return await byReceipt(req, res, shown, installation);
      if (req.query.row === undefined) return show(req, res, shown);
      const form = parseForm(whyInput.byActor, req.query);
      if (!form.ok) return show(req, res, form);
      show(req, res, { ...form, answer: await askWhy(req.db, installation, form.data) });
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 422) throw error;
      show(req, res, { ...shown, errors: error.fields });
    }
  });
  return router;
}

interface Shown {
  values: Record<string, unknown>;
  errors?: FieldErrors;
  answer?: object;
  /** What the receipt of the question says, once it is found. */
  named?: Named;
}

/** Asks for no more than what the receipt does not say. */
async function byReceipt(
  req: Request,
  res: Response,
  shown: Shown,
  installation: Deps['installation'],
): Promise<void> {
  const id = parseForm(whyInput.receipt, req.query);
  if (!id.ok) return show(req, res, id);
  const { receipt } = id.data;
  const named = await receiptNamed(req.db, receipt);
  shown.named = named;
  shown.values = { ...named.likely, ...req.query, receipt };
  if (req.query.row === undefined) return show(req, res, shown);
  const form = parseForm(whyInput.byReceipt, req.query);
  if (!form.ok) return show(req, res, { ...shown, errors: form.errors });
  show(req, res, { ...shown, answer: await askByReceipt(req.db, installation, named, form.data) });
}

function show(req: Request, res: Response, { values, errors = {}, answer, named }: Shown): void {
  const touched = named?.tables ?? [];
  const tables = [...touched, ...TABLES.filter((table) => !touched.includes(table))];
  const choices = { kinds: ACTOR_KINDS, tables, touched, verbs: VERBS };
  const locals = { title: req.t('why:title'), values, errors, answer: answer ?? null, ...choices };
  const status = Object.keys(errors).length > 0 ? 422 : 200;
  res.page('admin/why/index', { ...locals, named: named ?? null }, { status });
}
