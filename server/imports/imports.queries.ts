import type { ScopedClient } from '../db/client.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, type Page, paginate } from '../http/list-query.ts';
import { categoryMatcher } from './categories.ts';
import type { Mapping } from './columns.ts';
import {
  type ImportOptions,
  type ImportState,
  type importList,
  importMapping,
  importOptions,
} from './imports.input.ts';
import type { ReadingRules, RowProblem } from './read-product.ts';

const summary = {
  ...{ id: true, fileName: true, state: true, failure: true, createdAt: true, finishedAt: true },
  ...{ total: true, processed: true, created: true, updated: true, failed: true },
} as const;

const detail = {
  ...summary,
  headers: true,
  mapping: true,
  options: true,
  memberId: true,
  startedAt: true,
} as const;

interface Counts {
  readonly processed: number;
  readonly created: number;
  readonly updated: number;
  readonly failed: number;
}

export interface ImportSummary extends Counts {
  readonly id: string;
  readonly fileName: string;
  readonly state: ImportState;
  /** Why it failed: `imports:failure.<code>`. */
  readonly failure: string | null;
  readonly total: number;
  readonly skipped: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

export interface ImportDetail extends ImportSummary {
  readonly headers: string[];
  readonly mapping: Mapping;
  readonly options: ImportOptions;
  readonly memberId: string;
  readonly startedAt: Date | null;
}

const withSkipped = <Row extends Counts & { state: string }>(row: Row) => ({
  ...row,
  state: row.state as ImportState,
  skipped: row.processed - row.created - row.updated - row.failed,
});

export async function listImports(
  db: ScopedClient,
  list: ListQuery<(typeof importList)['filters']>,
): Promise<Page<ImportSummary>> {
  const name = list.q ? { fileName: { contains: list.q, mode: 'insensitive' } } : {};
  const state = list.filters.state ? { state: list.filters.state } : {};
  const page = await paginate(list, { ...name, ...state }, (args) =>
    db.importJob.findMany({ ...args, select: summary }),
  );
  return { ...page, rows: page.rows.map(withSkipped) };
}

/** @throws AppError 404 */
export async function findImport(db: ScopedClient, id: string): Promise<ImportDetail> {
  const row = orNotFound(await db.importJob.findFirst({ where: { id }, select: detail }));
  return {
    ...withSkipped(row),
    headers: (row.headers as unknown[]).map(String),
    mapping: importMapping.parse(row.mapping) as Mapping,
    options: importOptions.parse(row.options),
  };
}

export function listProblems(
  db: ScopedClient,
  id: string,
  list: ListQuery,
): Promise<Page<RowProblem & { id: string }>> {
  const select = { id: true, row: true, column: true, value: true, code: true };
  return paginate(list, { importId: id }, (args) => db.importError.findMany({ ...args, select }));
}

export const countProblems = (db: ScopedClient, id: string): Promise<number> =>
  db.importError.count({ where: { importId: id } });

/** Every problem of an import in the order of the file, a thousand at a time. */
export async function* eachProblem(db: ScopedClient, id: string): AsyncGenerator<RowProblem[]> {
  let after: { row: number; id: string } | undefined;
  for (;;) {
    const beyond = after && { OR: [{ row: { gt: after.row } }, { row: after.row, id: { gt: after.id } }] };
    const rows = await db.importError.findMany({
      where: { importId: id, ...beyond },
      orderBy: [{ row: 'asc' }, { id: 'asc' }],
      take: 1_000,
    });
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1);
  }
}

/** How this import's rows become offers of the scope's market. */
export async function readingRules(
  db: ScopedClient,
  job: Pick<ImportDetail, 'headers' | 'mapping' | 'options'>,
): Promise<ReadingRules> {
  const { currency } = await db.market.findFirstOrThrow({
    where: { id: db.scope.marketId! },
    select: { currency: true },
  });
  const categories = await db.category.findMany({ orderBy: { position: 'asc' } });
  const { headers, mapping, options } = job;
  return { headers, mapping, options, currency, matchCategory: categoryMatcher(categories) };
}

/** Imports that still keep a file on disk. */
export const countUnfinished = (db: ScopedClient): Promise<number> =>
  db.importJob.count({ where: { state: { in: ['uploaded', 'checked', 'queued', 'running'] } } });
