import { type Request, type Response, Router } from 'express';
import type { FieldErrors } from '../errors.ts';
import { fractionDigits } from '../http/format.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { limitUse } from '../plans/usage.queries.ts';
import { FIELDS, repeatedHeaders } from './columns.ts';
import { FileRefused } from './csv/csv-format.ts';
import { previewProducts, previewRows } from './import-preview.ts';
import { problemList } from './imports.input.ts';
import {
  countProblems,
  eachProblem,
  findImport,
  type ImportDetail,
  listProblems,
} from './imports.queries.ts';
import { type ImportTools, MOST_PROBLEMS } from './imports.service.ts';
import { sendProblemsCsv } from './problems-csv.ts';
import type { RowProblem } from './read-product.ts';

/** The pages of one import: which one stands at its address follows from how far it has come. */
export function importStageRoutes(tools: ImportTools): Router {
  const router = Router();
  router.get('/imports/:id', async (req, res) =>
    show(req, res, tools, await findImport(req.db, idParam(req))),
  );
  router.get('/imports/:id/mapping', requireManager, async (req, res) => {
    const job = await findImport(req.db, idParam(req));
    if (job.state !== 'uploaded' && job.state !== 'checked') return res.redirect(303, `/imports/${job.id}`);
    await sendMappingPage(req, res, tools, job);
  });
  router.get('/imports/:id/problems', problems);
  router.get('/imports/:id/problems.csv', async (req, res) => {
    const job = await findImport(req.db, idParam(req));
    const name = `problems-${job.fileName.replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N}-]+/gu, '-')}.csv`;
    const explain = explainer(req);
    await sendProblemsCsv(res, eachProblem(req.db, job.id), { name, say: (key) => req.t(key), explain });
  });
  return router;
}

async function show(req: Request, res: Response, tools: ImportTools, job: ImportDetail): Promise<void> {
  switch (job.state) {
    case 'uploaded':
      if (req.scope.actor.role === 'analyst') return sendStage(req, res, job, 'waiting', {});
      return sendMappingPage(req, res, tools, job);
    case 'checked':
      return sendCheck(req, res, tools, job);
    case 'queued':
    case 'running':
      return sendStage(req, res, job, 'running', {}, 'partner/imports/progress');
    default:
      return sendResult(req, res, job);
  }
}

interface FormState {
  readonly values: Record<string, unknown>;
  readonly errors: FieldErrors;
}

/** Which column means what, with the first rows beside it. */
export async function sendMappingPage(
  req: Request,
  res: Response,
  { uploads }: ImportTools,
  job: ImportDetail,
  form: FormState = { values: storedChoices(job), errors: {} },
): Promise<void> {
  const [samples, { live_offers: use }] = await Promise.all([
    unlessGone(() => previewRows(uploads.path(req.scope.marketId!, `${job.id}.csv`), job)),
    limitUse(req.db),
  ]);
  const repeated = repeatedHeaders(job.headers);
  sendStage(req, res, job, 'mapping', {
    ...form,
    samples: samples ?? [],
    isGone: !samples,
    repeated,
    fields: FIELDS,
    use,
  });
}

function storedChoices({ mapping, options }: ImportDetail): Record<string, unknown> {
  const columns = FIELDS.map((field) => [`column-${field}`, mapping[field] ?? '']);
  const { locale, price, hidden, submission } = options;
  return { ...Object.fromEntries(columns), locale, price, hidden, submission };
}

async function sendCheck(
  req: Request,
  res: Response,
  { uploads }: ImportTools,
  job: ImportDetail,
): Promise<void> {
  const path = uploads.path(req.scope.marketId!, `${job.id}.csv`);
  const [products, found] = await Promise.all([
    unlessGone(() => previewProducts(req.db, path, job)),
    someProblems(req, job.id),
  ]);
  const categories = await req.db.category.findMany({ select: { id: true, nameEn: true, nameAr: true } });
  const names = new Map(
    categories.map(({ id, nameEn, nameAr }) => [id, req.locale === 'ar' ? nameAr : nameEn]),
  );
  const more = { products: products ?? [], isGone: !products, names, mostProblems: MOST_PROBLEMS };
  sendStage(req, res, job, 'check', { ...found, ...more });
}

async function sendResult(req: Request, res: Response, job: ImportDetail): Promise<void> {
  // A page that watched the import run: it is over, so show the whole page anew.
  if (req.get('HX-Request-Type') === 'partial') res.set('HX-Refresh', 'true');
  sendStage(req, res, job, 'result', await someProblems(req, job.id), 'partner/imports/progress');
}

async function someProblems(req: Request, id: string) {
  const [page, problemCount] = await Promise.all([
    listProblems(req.db, id, parseList({ ...problemList, limit: 10 }, {})),
    countProblems(req.db, id),
  ]);
  return { problems: page.rows, problemCount, explain: explainer(req) };
}

async function problems(req: Request, res: Response): Promise<void> {
  const job = await findImport(req.db, idParam(req));
  const list = parseList(problemList, req.query);
  const page = await listProblems(req.db, job.id, list);
  const locals = { title: req.t('imports:problems.title'), job, list, page, explain: explainer(req) };
  res.page('partner/imports/problems', locals, { fragment: 'partner/imports/problem-list' });
}

function sendStage(
  req: Request,
  res: Response,
  job: ImportDetail,
  stage: string,
  locals: Record<string, unknown>,
  fragment?: string,
): void {
  const errors = locals.errors ?? {};
  const status = Object.keys(errors).length > 0 ? 422 : 200;
  const title = `${req.t('imports:one')}: ${job.fileName}`;
  res.page(
    'partner/imports/show',
    { title, job, stage, ...locals },
    { status, ...(fragment ? { fragment } : {}) },
  );
}

/** A problem in words. What an amount may look like depends on the market's currency. */
function explainer(req: Request): (problem: Pick<RowProblem, 'code'>) => string {
  const currency = req.session?.market?.currency ?? 'SAR';
  const values = { currency, digits: fractionDigits(currency) };
  return ({ code }) => req.t(`imports:row.${code}`, values);
}

/** Undefined when the file can't be read any more; the page then says so. */
async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FileRefused) return undefined;
    throw error;
  }
}
