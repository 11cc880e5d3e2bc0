import type { Transform } from 'node:stream';
import { stringify } from 'csv-stringify';

/**
 * Rows → CSV: UTF-8 with the mark that spreadsheets look for, and no cell that one would run. Rows are lists in the
 * order of `columns`, or objects with their names; without columns there is no line of headings.
 */
export const csvWriter = (columns?: readonly string[]): Transform =>
  stringify({
    ...{ bom: true, escape_formulas: true },
    ...(columns ? { header: true, columns: [...columns] } : {}),
  });
