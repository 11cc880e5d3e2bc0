import { Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Direct } from '../db/direct.ts';
import type { FileRequest, Format, Subject } from './exports.input.ts';
import { columnsOf, type ExportRow, exportRows } from './exports.queries.ts';

export const typeOf: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

/** `murooj-claims-2026-05-01-2026-05-31.csv` */
export const fileName = (slug: string, { subject, format, from, to }: FileRequest): string =>
  `${slug}-${subject}-${from}-${to}.${format}`;

/**
 * Writes one file as it is read, no faster than it is taken: as much memory for ten rows as for ten million. CSV is in
 * UTF-8 with the mark that spreadsheets look for, and has no cell that one would run. Ends `out`, or destroys it.
 */
export async function writeFile(
  direct: Direct,
  timeZone: string,
  request: FileRequest,
  out: Writable,
): Promise<void> {
  const { subject, format } = request;
  const rows = each(exportRows(direct, subject, { ...request, timeZone }));
  if (format === 'csv') await pipeline(Readable.from(rows), csv(subject), out);
  else await pipeline(Readable.from(lines(rows, columnsOf[subject]), { objectMode: false }), out);
}

async function* each(pages: AsyncIterable<readonly ExportRow[]>): AsyncGenerator<ExportRow> {
  for await (const page of pages) yield* page;
}

const csv = (subject: Subject): Transform =>
  stringify({ header: true, bom: true, columns: [...columnsOf[subject]], escape_formulas: true });

async function* lines(rows: AsyncIterable<ExportRow>, columns: readonly string[]): AsyncGenerator<string> {
  for await (const row of rows)
    yield `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]])))}\n`;
}
