import type { ScopedClient } from '../db/client.ts';
import { type Planned, planProducts } from './import-plan.ts';
import { type ImportDetail, readingRules } from './imports.queries.ts';
import { readProducts } from './read-products.ts';
import { sampleFile } from './sample-file.ts';

const SAMPLES = 5;
const SHOWN_PRODUCTS = 30;
const SHOWN_CELL = 80;

/** The first rows of a file, cell by cell, as far as they are worth showing. */
export async function previewRows(path: string, job: ImportDetail): Promise<string[][]> {
  const rows = await sampleFile(path, job.options.format, SAMPLES);
  return rows.map((cells) => job.headers.map((_, i) => shorten(cells[i] ?? '')));
}

const shorten = (cell: string): string => {
  const text = cell.replace(/\s+/g, ' ').trim();
  return text.length > SHOWN_CELL ? `${text.slice(0, SHOWN_CELL)}…` : text;
};

/** The first products of a checked file, with what is to happen to each. */
export async function previewProducts(
  db: ScopedClient,
  path: string,
  job: ImportDetail,
): Promise<readonly Planned[]> {
  const rules = await readingRules(db, job);
  for await (const products of readProducts(path, job.options.format, rules, { size: SHOWN_PRODUCTS })) {
    return (await planProducts(db, products, '')).products;
  }
  return [];
}
