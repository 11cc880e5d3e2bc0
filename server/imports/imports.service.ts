import { v7 } from 'uuid';
import { type AuditRecord, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { conflict, invalid } from '../errors.ts';
import type { Uploads } from '../images/uploads.ts';
import type { Queue } from '../jobs/queue.ts';
import { guessMapping } from './columns.ts';
import { FileRefused } from './csv/csv-format.ts';
import { inspectFile } from './csv/inspect.ts';
import { type Action, planProducts, type Tally, tally } from './import-plan.ts';
import { SHOWN_PRODUCTS } from './import-preview.ts';
import type { ImportOptions, MappingInput } from './imports.input.ts';
import { countUnfinished, findImport, type ImportDetail, readingRules } from './imports.queries.ts';
import type { RowProblem } from './read-product.ts';
import { readProducts } from './read-products.ts';
import { sampleFile } from './sample-file.ts';

export interface ImportTools {
  readonly uploads: Uploads;
  readonly queue: Pick<Queue, 'add'>;
  readonly clock: () => Date;
}

export const IMPORT_JOB = 'import';
/** Bounds what one market can leave lying on disk. */
const MOST_UNFINISHED = 10;
/** Of a dry run; the import itself keeps all of them. */
export const MOST_PROBLEMS = 1_000;

const PLANNED = ['uploaded', 'checked'];
const BEGUN = ['queued', 'running'];
const NOTHING = { processed: 0, created: 0, updated: 0, failed: 0 };

const fileOf = (db: ScopedClient, { uploads }: Pick<ImportTools, 'uploads'>, id: string) =>
  uploads.path(db.scope.marketId!, `${id}.csv`);

/** @throws AppError 409 `imports-unfinished` */
export async function mayUpload(db: ScopedClient): Promise<void> {
  if ((await countUnfinished(db)) >= MOST_UNFINISHED) {
    throw conflict('imports-unfinished', { maximum: MOST_UNFINISHED });
  }
}

/**
 * Takes in an uploaded file, which lies in its place already as `<id>.csv`; a refused one is removed again.
 * @throws AppError 422 on field `file`; 409 `imports-unfinished`
 */
export async function createImport(
  db: ScopedClient,
  tools: Pick<ImportTools, 'uploads'>,
  { id, fileName }: { id: string; fileName: string },
): Promise<void> {
  try {
    await mayUpload(db);
    const path = fileOf(db, tools, id);
    const { format, headers, rows } = await inspectFile(path);
    const mapping = guessMapping(headers);
    const locale = await languageOf(path, format, mapping.title);
    const choices = { locale, price: 'first', hidden: 'skip', submission: 'none' } as const;
    const options: ImportOptions = { format, rows, ...choices };
    await db.$transaction(async (tx) => {
      const memberId = tx.scope.actor.id;
      await tx.importJob.createMany({ data: [{ id, fileName, headers, mapping, options, memberId }] });
      await audit(
        tx,
        'import.upload',
        id,
        { fileName, rows },
        { after: { fileName, state: 'uploaded', options } },
      );
    });
  } catch (error) {
    await tools.uploads.remove(db.scope.marketId!, `${id}.csv`);
    throw error instanceof FileRefused ? fileProblem(error) : error;
  }
}

/** The same words wherever a file turns out to be unfit. */
export const fileProblem = ({ code, values }: FileRefused) =>
  invalid({ file: [`imports:file.${code}`, values] }, 'import-file');

/** Which language the titles seem to be in: that of most of the first rows. */
async function languageOf(path: string, format: ImportOptions['format'], title = 0): Promise<'en' | 'ar'> {
  const titles = (await sampleFile(path, format, 20)).map((cells) => cells[title] ?? '').filter(Boolean);
  const arabic = titles.filter((text) => /\p{Script=Arabic}/u.test(text)).length;
  return arabic > titles.length / 2 ? 'ar' : 'en';
}

/**
 * Keeps how columns are to be read, and tries the whole file with it: counts what would happen and keeps what is
 * wrong, without touching an offer.
 * @throws AppError 404; 409 `import-state` once the import has begun; 422 when the file can't be read any more.
 */
export async function checkImport(
  db: ScopedClient,
  tools: Pick<ImportTools, 'uploads'>,
  id: string,
  { mapping, ...choices }: MappingInput,
): Promise<void> {
  const job = await findImport(db, id);
  mustBe(job, ['uploaded', 'checked']);
  const options: ImportOptions = { ...job.options, ...choices };
  const { counts, problems, actions } = await dryRun(db, tools, { ...job, mapping, options });
  const { skipped, ...kept } = counts;
  const total = counts.created + counts.updated + counts.failed + skipped;
  const states = {
    before: { state: job.state, mapping: job.mapping, ...chosen(job.options) },
    after: { state: 'checked', mapping, ...chosen(options) },
  };
  await db.$transaction(async (tx) => {
    const { count } = await tx.importJob.updateMany({
      where: { id, state: { in: ['uploaded', 'checked'] } },
      data: { state: 'checked', mapping, options: { ...options, actions }, total, processed: total, ...kept },
    });
    if (count === 0) throw conflict('import-state');
    await tx.importError.deleteMany({ where: { importId: id } });
    await tx.importError.createMany({
      data: problems.map((problem) => ({ id: v7(), importId: id, ...problem })),
    });
    await audit(tx, 'import.check', id, { total, ...kept }, states);
  });
}

async function dryRun(
  db: ScopedClient,
  tools: Pick<ImportTools, 'uploads'>,
  job: ImportDetail,
): Promise<{ counts: Tally; problems: RowProblem[]; actions: Action[] }> {
  const rules = await readingRules(db, job);
  const counts: Tally = { created: 0, updated: 0, failed: 0, skipped: 0 };
  const problems: RowProblem[] = [];
  const actions: Action[] = [];
  const handleColumn = job.headers[job.mapping.handle ?? -1] ?? '';
  try {
    for await (const products of readProducts(fileOf(db, tools, job.id), job.options.format, rules, {
      size: 500,
    })) {
      const plan = await planProducts(db, products, handleColumn);
      const chunk = tally(plan.products);
      for (const action of Object.keys(counts) as (keyof Tally)[]) counts[action] += chunk[action];
      problems.push(...plan.problems.slice(0, MOST_PROBLEMS - problems.length));
      actions.push(...plan.products.slice(0, SHOWN_PRODUCTS - actions.length).map(({ action }) => action));
    }
  } catch (error) {
    throw error instanceof FileRefused ? fileProblem(error) : error;
  }
  return { counts, problems, actions };
}

/**
 * Hands a checked import to the queue. One that has begun is handed over again, for the case that its job was lost
 * or belonged to somebody who may not import any more: two jobs of one import can't get in each other's way.
 * @throws AppError 404; 409 `import-state`
 */
export async function startImport(
  db: ScopedClient,
  { queue }: Pick<ImportTools, 'queue'>,
  id: string,
): Promise<void> {
  const job = await findImport(db, id);
  mustBe(job, ['checked', 'queued', 'running']);
  await db.$transaction(async (tx) => {
    const { count } = await tx.importJob.updateMany({
      where: { id, state: 'checked' },
      data: { state: 'queued', ...NOTHING },
    });
    if (count === 0) return;
    await tx.importError.deleteMany({ where: { importId: id } });
    await audit(tx, 'import.start', id, { total: job.total }, moved('checked', 'queued'));
  });
  // After the commit: a job must not be looked for before its import says that it may begin.
  const { marketId, actor } = db.scope;
  await queue.add(IMPORT_JOB, { marketId, memberId: actor.id, importId: id }, `${marketId}/${id}`);
}

/**
 * Ends an import that is not wanted any more; what it has brought in stays. A running one stops at its next step.
 * @throws AppError 404; 409 `import-state`
 */
export async function cancelImport(
  db: ScopedClient,
  { uploads, clock }: Pick<ImportTools, 'uploads' | 'clock'>,
  id: string,
): Promise<void> {
  const job = await findImport(db, id);
  mustBe(job, [...PLANNED, ...BEGUN]);
  const end = { state: 'failed', failure: 'cancelled', finishedAt: clock() };
  await db.$transaction(async (tx) => {
    // What the check counted was never written: an import that has not begun ends with nothing to its name.
    const planned = await tx.importJob.updateMany({
      where: { id, state: { in: PLANNED } },
      data: { ...end, ...NOTHING },
    });
    const begun = await tx.importJob.updateMany({ where: { id, state: { in: BEGUN } }, data: end });
    if (planned.count + begun.count === 0) throw conflict('import-state');
    if (planned.count > 0) await tx.importError.deleteMany({ where: { importId: id } });
    const { processed } = await findImport(tx, id);
    await audit(tx, 'import.cancel', id, { processed }, moved(job.state, 'failed'));
  });
  await uploads.remove(db.scope.marketId!, `${id}.csv`);
}

function mustBe(job: ImportDetail, states: readonly string[]): void {
  if (!states.includes(job.state)) throw conflict('import-state');
}

const audit = (
  tx: ScopedClient,
  action: string,
  subjectId: string,
  details: Record<string, string | number>,
  states: States,
) => recordAudit(tx, { action, subjectType: 'import', subjectId, details, ...states });

type States = Pick<AuditRecord, 'before' | 'after'>;

const moved = (from: string, to: string): States => ({ before: { state: from }, after: { state: to } });

const chosen = ({ locale, price, hidden, submission }: ImportOptions) => ({
  locale,
  price,
  hidden,
  submission,
});
