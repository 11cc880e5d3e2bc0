import type { CsvFormat } from './csv/csv-format.ts';
import { readRows } from './csv/read-rows.ts';
import { groupProducts } from './group-products.ts';
import { type Product, type ReadingRules, readProduct } from './read-product.ts';

/** The products of a file in its order, `size` at a time. `from` leaves out that many, which were dealt with before. */
export async function* readProducts(
  path: string,
  format: CsvFormat,
  rules: ReadingRules,
  { size, from = 0 }: { size: number; from?: number },
): AsyncGenerator<Product[]> {
  let chunk: Product[] = [];
  let index = 0;
  for await (const group of groupProducts(readRows(path, format), rules.mapping)) {
    if (index++ < from) continue;
    chunk.push(readProduct(group, rules));
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
