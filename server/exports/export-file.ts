import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Direct } from '../db/direct.ts';
import { csvWriter } from '../http/csv.ts';
import type { FileRequest, Format } from './exports.input.ts';
import { columnsOf, type ExportRow, exportRows } from './exports.queries.ts';

export const typeOf: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

/** `murooj-claims-2026-05-01-2026-05-31.csv` */
export const fileName = (slug: string, { subject, format, from, to }: FileRequest): string =>
  `${slug}-${subject}-${from}-${to}.${format}`;

/**
 * Writes one file as it is read, no faster than it is taken: as much memory for ten rows as for ten million. Ends `out`, or destroys it.
 */
export async function writeFile(
  direct: Direct,
  timeZone: string,
  request: FileRequest,
  out: Writable,
): Promise<void> {
  const { subject, format } = request;
  const rows = each(exportRows(direct, subject, { ...request, timeZone }));
  if (format === 'csv') await pipeline(Readable.from(rows), csvWriter(columnsOf[subject]), out);
  else await pipeline(Readable.from(lines(rows, columnsOf[subject]), { objectMode: false }), out);
}

async function* each(pages: AsyncIterable<readonly ExportRow[]>): AsyncGenerator<ExportRow> {
  for await (const page of pages) yield* page;
}

async function* lines(rows: AsyncIterable<ExportRow>, columns: readonly string[]): AsyncGenerator<string> {
  for await (const row of rows)
    yield `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]])))}\n`;
}
