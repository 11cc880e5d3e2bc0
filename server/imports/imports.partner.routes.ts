import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError, conflict, type FieldErrors } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { createUploads } from '../images/uploads.ts';
import { MAX_ROWS } from './csv/inspect.ts';
import { csvUpload, LARGEST_FILE } from './csv-upload.ts';
import { importStageRoutes, sendMappingPage } from './import-stages.partner.routes.ts';
import { importList, mappingForm } from './imports.input.ts';
import { findImport, listImports } from './imports.queries.ts';
import {
  cancelImport,
  checkImport,
  createImport,
  type ImportTools,
  mayUpload,
  startImport,
} from './imports.service.ts';

/** Pages on which a product file becomes draft offers. */
export function importsPartnerRoutes({
  uploadsDir,
  queue,
  clock,
}: Pick<Deps, 'uploadsDir' | 'queue' | 'clock'>): Router {
  const tools: ImportTools = { uploads: createUploads(uploadsDir), queue, clock };
  const router = Router();
  router.get('/imports', index);
  router.get('/imports/new', requireManager, async (req, res) => {
    await mayUpload(req.db);
    sendUploadForm(req, res, {});
  });
  router.post('/imports', requireManager, csvUpload(tools.uploads), (req: Request, res: Response) =>
    upload(req, res, tools),
  );
  router.use(importStageRoutes(tools));
  router.post('/imports/:id/mapping', requireManager, (req, res) => check(req, res, tools));
  router.post('/imports/:id/run', requireManager, async (req, res) => {
    const id = idParam(req);
    await startImport(req.db, tools, id);
    res.redirect(303, `/imports/${id}`);
  });
  router.post('/imports/:id/cancellation', requireManager, async (req, res) => {
    const id = idParam(req);
    await cancelImport(req.db, tools, id);
    res.flash('ok', 'imports:cancelled');
    res.redirect(303, `/imports/${id}`);
  });
  return router;
}

async function index(req: Request, res: Response): Promise<void> {
  const list = parseList(importList, req.query);
  const page = await listImports(req.db, list);
  res.page(
    'partner/imports/index',
    { title: req.t('imports:title'), list, page },
    { fragment: 'partner/imports/list' },
  );
}

function sendUploadForm(req: Request, res: Response, errors: FieldErrors): void {
  const limits = { megabytes: LARGEST_FILE / 1024 / 1024, rows: MAX_ROWS };
  const status = Object.keys(errors).length > 0 ? 422 : 200;
  res.page('partner/imports/new', { title: req.t('imports:new'), limits, errors }, { status });
}

async function upload(req: Request, res: Response, tools: ImportTools): Promise<void> {
  const file = req.csvUpload;
  if (!file) return sendUploadForm(req, res, { file: 'imports:file.missing' });
  if ('error' in file) return sendUploadForm(req, res, { file: file.error });
  try {
    await createImport(req.db, tools, file);
  } catch (error) {
    return sendUploadForm(req, res, fieldsOf(error));
  }
  res.redirect(303, `/imports/${file.id}`);
}

async function check(req: Request, res: Response, tools: ImportTools): Promise<void> {
  const id = idParam(req);
  const job = await findImport(req.db, id);
  if (job.state !== 'uploaded' && job.state !== 'checked') throw conflict('import-state');
  const form = parseForm(mappingForm(job.headers.length), req.body);
  if (!form.ok) return sendMappingPage(req, res, tools, job, form);
  try {
    await checkImport(req.db, tools, id, form.data);
  } catch (error) {
    const errors = { _form: fieldsOf(error).file! };
    return sendMappingPage(req, res, tools, job, { values: form.values, errors });
  }
  res.redirect(303, `/imports/${id}`);
}

/** What is wrong with a file belongs beside its field; anything else is not for this page. */
function fieldsOf(error: unknown): FieldErrors {
  if (error instanceof AppError && error.code === 'import-file') return error.fields;
  throw error;
}
