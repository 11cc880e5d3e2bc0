import { type Request, type Response, Router } from 'express';
import { spelled } from '../claims/claim-code.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { conflictList, resolutionForm } from './conflicts.input.ts';
import { type ConflictId, conflictBranches, findConflict, listConflicts } from './conflicts.queries.ts';
import { resolveConflict } from './conflicts.service.ts';

/** What tills redeemed and lost: everybody of the team looks, owners and managers decide. */
export function conflictsPartnerRoutes(): Router {
  const router = Router();
  router.get('/conflicts', index);
  router.get('/conflicts/:device/:id', (req, res) => show(req, res));
  router.post('/conflicts/:device/:id/resolution', requireManager, resolve);
  return router;
}

const conflictId = (req: Request): ConflictId => ({ deviceId: idParam(req, 'device'), id: idParam(req) });

async function index(req: Request, res: Response): Promise<void> {
  const list = parseList(conflictList, req.query);
  const [page, branches] = await Promise.all([listConflicts(req.db, list), conflictBranches(req.db)]);
  const rows = page.rows.map((row) => ({ ...row, spelled: spelled(row.code) }));
  res.page(
    'partner/conflicts/index',
    { title: req.t('conflicts:title'), list, page: { ...page, rows }, branches },
    { fragment: 'partner/conflicts/list' },
  );
}

interface Form {
  readonly values?: object;
  readonly errors?: object;
  readonly status?: number;
}

async function show(req: Request, res: Response, { values = {}, errors = {}, status = 200 }: Form = {}) {
  const found = await findConflict(req.db, conflictId(req));
  const mayDecide = req.scope.actor.role !== 'analyst';
  const title = req.t('conflicts:of', { code: spelled(found.code) });
  const locals = { title, found, spelled: spelled(found.code), mayDecide, values, errors };
  res.page('partner/conflicts/show', locals, { status });
}

async function resolve(req: Request, res: Response): Promise<void> {
  const own = conflictId(req);
  const form = parseForm(resolutionForm, req.body);
  if (!form.ok) return show(req, res, { ...form, status: 422 });
  try {
    await resolveConflict(req.db, own, form.data);
    res.flash('ok', 'conflicts:saved');
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 409) throw error;
    res.flash('error', 'errors:conflict-decided.text');
  }
  res.redirect(303, `/conflicts/${own.deviceId}/${own.id}`);
}
