import type { ScopedClient } from '../db/client.ts';
import type { Action } from './import-plan.ts';
import { type ImportDetail, readingRules } from './imports.queries.ts';
import type { Product } from './read-product.ts';
import { readProducts } from './read-products.ts';
import { sampleFile } from './sample-file.ts';

const SAMPLES = 5;
export const SHOWN_PRODUCTS = 15;
const SHOWN_CELL = 40;

/** The first rows of a file, cell by cell, as far as they are worth showing. */
export async function previewRows(path: string, job: ImportDetail): Promise<string[][]> {
  const rows = await sampleFile(path, job.options.format, SAMPLES);
  return rows.map((cells) => job.headers.map((_, i) => shorten(cells[i] ?? '')));
}

const shorten = (cell: string): string => {
  const text = cell.replace(/\s+/g, ' ').trim();
  return text.length > SHOWN_CELL ? `${text.slice(0, SHOWN_CELL)}…` : text;
};

/** The first products of a checked file, with what its check found would happen to each. */
export async function previewProducts(
  db: ScopedClient,
  path: string,
  job: ImportDetail,
): Promise<{ product: Product; action: Action }[]> {
  const rules = await readingRules(db, job);
  const actions = job.options.actions ?? [];
  for await (const products of readProducts(path, job.options.format, rules, { size: SHOWN_PRODUCTS })) {
    return products.slice(0, actions.length).map((product, i) => ({ product, action: actions[i]! }));
  }
  return [];
}
