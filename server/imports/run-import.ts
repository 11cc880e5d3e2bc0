import { v7 } from 'uuid';
import { type AuditRecord, recordAudit, recordAudits } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import type { Uploads } from '../images/uploads.ts';
import { type Plan, type Planned, planProducts, tally } from './import-plan.ts';
import { findImport, type ImportDetail, readingRules } from './imports.queries.ts';
import type { Product } from './read-product.ts';
import { readProducts } from './read-products.ts';
import { forgetUnsubmitted, submitImported } from './submit-imported.ts';

/** Products written in one transaction: all of each, with the progress that counts them, or none. */
const CHUNK = 100;
const TIMEOUT = 30_000;
const TRIES = 3;

export interface RunTools {
  readonly uploads: Uploads;
  readonly clock: () => Date;
  /** Asked before each chunk. False ends it here for good; to be gone on with later, it throws. */
  readonly mayGoOn: () => Promise<boolean>;
}

/** The import was cancelled, or goes on elsewhere: nothing more is to be done here. */
class Superseded extends Error {}
/** Another import created one of the same offers meanwhile: the chunk is planned anew. */
class Overtaken extends Error {}

/**
 * Does what is left of an import. May be stopped or killed at any point and called again: what a chunk wrote and
 * the progress that says so are one transaction. Does nothing unless the import waits or runs.
 * @throws FileRefused when the file can't be read any more.
 */
export async function runImport(db: ScopedClient, tools: RunTools, id: string): Promise<void> {
  const { count } = await db.importJob.updateMany({
    where: { id, state: 'queued' },
    data: { state: 'running', startedAt: tools.clock() },
  });
  const job = await db.importJob.findFirst({ where: { id }, select: { state: true } });
  if (count === 0 && job?.state !== 'running') return;
  try {
    await writeAll(db, tools, await findImport(db, id));
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
  }
}

async function writeAll(db: ScopedClient, tools: RunTools, job: ImportDetail): Promise<void> {
  const rules = await readingRules(db, job);
  const path = tools.uploads.path(db.scope.marketId!, `${job.id}.csv`);
  let processed = job.processed;
  for await (const products of readProducts(path, job.options.format, rules, {
    size: CHUNK,
    from: processed,
  })) {
    if (!(await tools.mayGoOn())) throw new Superseded();
    await writeChunk(db, job, products, { processed, currency: rules.currency, now: tools.clock() });
    processed += products.length;
  }
  if (job.options.submission === 'complete') await submitAll(db, tools, job, rules);
  await finish(db, tools, job.id, processed);
}

/** Begins anew after an interruption: what is submitted already is no draft, and passed over. */
async function submitAll(
  db: ScopedClient,
  tools: RunTools,
  job: ImportDetail,
  rules: Awaited<ReturnType<typeof readingRules>>,
): Promise<void> {
  const path = tools.uploads.path(db.scope.marketId!, `${job.id}.csv`);
  await forgetUnsubmitted(db, job.id);
  for await (const products of readProducts(path, job.options.format, rules, { size: CHUNK })) {
    if (!(await tools.mayGoOn())) throw new Superseded();
    await submitImported(db, job, products, tools.clock());
  }
}

interface ChunkContext {
  /** Products that were dealt with before this chunk. */
  readonly processed: number;
  readonly currency: string;
  readonly now: Date;
}

async function writeChunk(
  db: ScopedClient,
  job: ImportDetail,
  products: readonly Product[],
  context: ChunkContext,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await db.$transaction((tx) => writeOnce(tx, job, products, context), { timeout: TIMEOUT });
      return;
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt === TRIES) throw error;
    }
  }
}

async function writeOnce(
  tx: ScopedClient,
  job: ImportDetail,
  products: readonly Product[],
  context: ChunkContext,
): Promise<void> {
  const plan = await planProducts(tx, products, job.headers[job.mapping.handle ?? -1] ?? '');
  // First, so that of two runners the second waits here, sees that it is late, and writes nothing.
  await advance(tx, job.id, plan, context.processed);
  await createOffers(tx, job, plan, context);
  await updateOffers(tx, job, plan, context);
  if (plan.problems.length === 0) return;
  await tx.importError.createMany({
    data: plan.problems.map((problem) => ({ id: v7(), importId: job.id, ...problem })),
  });
}

async function advance(tx: ScopedClient, id: string, plan: Plan, processed: number): Promise<void> {
  const { created, updated, failed } = tally(plan.products);
  const { count } = await tx.importJob.updateMany({
    where: { id, state: 'running', processed },
    data: {
      processed: processed + plan.products.length,
      created: { increment: created },
      updated: { increment: updated },
      failed: { increment: failed },
    },
  });
  if (count === 0) throw new Superseded();
}

async function createOffers(
  tx: ScopedClient,
  job: ImportDetail,
  plan: Plan,
  { currency, now }: ChunkContext,
): Promise<void> {
  const created = plan.products.filter(({ action }) => action === 'create');
  if (created.length === 0) return;
  const rows = created.map(({ product }) => ({ id: v7(), product, content: columns(job, product) }));
  const { count } = await tx.offer.createMany({
    data: rows.map(({ id, product, content }) => ({
      ...{ id, importKey: product.key, currency, createdAt: now, updatedAt: now },
      ...content,
    })),
    skipDuplicates: true,
  });
  if (count !== created.length) throw new Overtaken();
  await recordAudits(
    tx,
    rows.map(({ id, content }) => ({ ...about('offer.create', job, id), after: content })),
  );
}

async function updateOffers(
  tx: ScopedClient,
  job: ImportDetail,
  plan: Plan,
  context: ChunkContext,
): Promise<void> {
  const updated = plan.products.filter(({ action }) => action === 'update');
  if (updated.length === 0) return;
  const ids = updated.map(({ offerId }) => offerId!);
  const before = new Map(
    (await tx.offer.findMany({ where: { id: { in: ids } } })).map((row) => [row.id, row]),
  );
  const records: AuditRecord[] = [];
  for (const planned of updated) {
    const after = await updateOffer(tx, job, planned, context);
    const id = planned.offerId!;
    records.push({ ...about('offer.edit', job, id), before: before.get(id) ?? null, after });
  }
  await recordAudits(tx, records);
}

/** An entry of an offer that an import has written: the member who started it acts, by this file. */
const about = (action: string, job: ImportDetail, subjectId: string): AuditRecord => ({
  ...{ action, subjectType: 'offer', subjectId, details: { import: job.id } },
});

/** Only while it is a draft still; a category that somebody chose stays when the file names none that fits. */
async function updateOffer(
  tx: ScopedClient,
  job: ImportDetail,
  { product, offerId }: Planned,
  { now }: ChunkContext,
): Promise<object> {
  const { categoryId, ...content } = columns(job, product);
  const data = { ...content, ...(categoryId ? { categoryId } : {}) };
  const { count } = await tx.offer.updateMany({
    where: { id: offerId!, state: 'draft' },
    data: { ...data, updatedAt: now },
  });
  if (count === 0) throw new Overtaken();
  return data;
}

function columns({ options }: ImportDetail, { content }: Product) {
  const { title, text, price, oldPrice, categoryId } = content;
  const words = options.locale === 'ar' ? { titleAr: title, textAr: text } : { titleEn: title, textEn: text };
  return { ...words, price, oldPrice, categoryId };
}

async function finish(
  db: ScopedClient,
  { uploads, clock }: RunTools,
  id: string,
  processed: number,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.importJob.updateMany({
      where: { id, state: 'running', processed },
      data: { state: 'done', total: processed, finishedAt: clock() },
    });
    if (count === 0) throw new Superseded();
    const { created, updated, failed, skipped } = await findImport(tx, id);
    const details = { total: processed, created, updated, failed, skipped };
    await recordAudit(tx, {
      ...{ action: 'import.finish', subjectType: 'import', subjectId: id, details },
      ...{ before: { state: 'running' }, after: { state: 'done' } },
    });
  });
  await uploads.remove(db.scope.marketId!, `${id}.csv`);
}

/** Gives an import up for good. What it has brought in stays. */
export async function failImport(
  db: ScopedClient,
  tools: RunTools,
  id: string,
  failure: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const before = await tx.importJob.findFirst({ where: { id }, select: { state: true, failure: true } });
    const { count } = await tx.importJob.updateMany({
      where: { id, state: { in: ['queued', 'running'] } },
      data: { state: 'failed', failure, finishedAt: tools.clock() },
    });
    if (count === 0) return;
    const details = { failure };
    await recordAudit(tx, {
      ...{ action: 'import.fail', subjectType: 'import', subjectId: id, details },
      ...{ before, after: { state: 'failed', failure } },
    });
  });
  await tools.uploads.remove(db.scope.marketId!, `${id}.csv`);
}
