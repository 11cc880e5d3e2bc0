import type { CsvFormat } from './csv/csv-format.ts';
import { isBlank } from './csv/inspect.ts';
import { readRows } from './csv/read-rows.ts';

/** The first rows below the header that are not blank. */
export async function sampleFile(
  path: string,
  format: CsvFormat,
  most: number,
): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  let headerPassed = false;
  for await (const { cells } of readRows(path, format)) {
    if (isBlank(cells)) continue;
    if (headerPassed) rows.push(cells);
    headerPassed = true;
    if (rows.length >= most) break;
  }
  return rows;
}
