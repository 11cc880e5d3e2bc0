import type { CsvFormat } from './csv-format.ts';
import { FileRefused } from './csv-format.ts';
import { detectFormat } from './dialect.ts';
import { detectEncoding } from './encoding.ts';
import { readRows } from './read-rows.ts';

export const MAX_ROWS = 50_000;
const MAX_COLUMNS = 250;
const LONGEST_HEADER = 200;

export interface Inspection {
  readonly format: CsvFormat;
  readonly headers: string[];
  /** Rows below the header, blank ones included. */
  readonly rows: number;
}

/**
 * Reads an uploaded file from end to end and says how to read it again: a file that passes can be imported
 * without surprises in its last row.
 * @throws FileRefused
 */
export async function inspectFile(path: string): Promise<Inspection> {
  const encoding = await detectEncoding(path);
  const format = await detectFormat(path, encoding);
  let headers: string[] | undefined;
  let rows = 0;
  for await (const { number, cells } of readRows(path, format)) {
    if (number > MAX_ROWS + 1)
      throw new FileRefused('too-many-rows', { maximum: MAX_ROWS.toLocaleString('en') });
    if (cells.some((cell) => cell.includes('\0'))) throw new FileRefused('nul');
    if (headers) rows++;
    else if (!isBlank(cells)) headers = readHeaders(cells);
  }
  if (!headers) throw new FileRefused('empty');
  if (rows === 0) throw new FileRefused('no-rows');
  return { format, headers, rows };
}

export const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');

function readHeaders(cells: readonly string[]): string[] {
  if (cells.length > MAX_COLUMNS) throw new FileRefused('too-many-columns', { maximum: MAX_COLUMNS });
  const headers = cells.map((cell) => cell.replace(/\s+/g, ' ').trim().slice(0, LONGEST_HEADER));
  while (headers.at(-1) === '') headers.pop();
  if (headers.length < 2) throw new FileRefused('one-column');
  return headers;
}
