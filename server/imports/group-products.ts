import type { Mapping } from './columns.ts';
import { isBlank } from './csv/inspect.ts';
import type { CsvRow } from './csv/read-rows.ts';
import { wellFormed } from './plain-text.ts';

/** The rows of one product: variants, and rows that only name one more picture. */
export interface ProductRows {
  /** '' where the column that names the product is empty. */
  readonly key: string;
  readonly rows: readonly CsvRow[];
  /** The same key stood further up already, apart from these rows. */
  readonly isRepeated: boolean;
}

/**
 * Joins the rows that stand together and name the same product. Of rows further up only the names are kept, so
 * that memory stays small: rows of one product that lie apart are reported, not joined.
 */
export async function* groupProducts(
  rows: AsyncIterable<CsvRow>,
  mapping: Mapping,
): AsyncGenerator<ProductRows> {
  const seen = new Set<string>();
  let headerPassed = false;
  let current: { key: string; rows: CsvRow[] } | undefined;
  const finish = (group: { key: string; rows: CsvRow[] }): ProductRows => {
    const isRepeated = group.key !== '' && seen.has(group.key);
    seen.add(group.key);
    return { ...group, isRepeated };
  };
  for await (const row of rows) {
    if (isBlank(row.cells)) continue;
    if (!headerPassed) {
      headerPassed = true;
      continue;
    }
    const key = keyOf(row, mapping);
    if (current && key !== '' && key === current.key) {
      current.rows.push(row);
      continue;
    }
    if (current) yield finish(current);
    current = { key, rows: [row] };
  }
  if (current) yield finish(current);
}

const keyOf = ({ cells }: CsvRow, { handle = -1 }: Mapping): string =>
  wellFormed(cells[handle] ?? '')
    .normalize('NFC')
    .trim();
