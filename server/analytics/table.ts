import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { csvWriter } from '../http/csv.ts';

/** What a column's numbers are: days and months as `2026-05-01`, ratios from 0 to 1, minutes. */
export type ColumnKind = 'text' | 'day' | 'month' | 'count' | 'average' | 'ratio' | 'minutes';

export interface Column {
  readonly label: string;
  readonly kind: ColumnKind;
}

/** A text in a column of numbers is shown as it is; null is not known. */
export type Cell = string | number | null;

/** What a chart shows, as rows: the page prints it below the chart and the file holds the same cells. */
export interface Table {
  /** Of the file and in the address. */
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Four digits: enough for a ratio in a spreadsheet. */
const plain = (cell: Cell): Cell => (typeof cell === 'number' ? Math.round(cell * 10_000) / 10_000 : cell);

/** Sends a table as CSV. */
export async function sendTable(res: Response, { name, columns, rows }: Table): Promise<void> {
  res.attachment(`${name}.csv`).type('text/csv; charset=utf-8');
  const labels = columns.map(({ label }) => label);
  const lines = function* () {
    yield labels;
    for (const row of rows) yield row.map(plain);
  };
  await pipeline(Readable.from(lines()), csvWriter(), res);
}
