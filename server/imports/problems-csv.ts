import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { csvWriter } from '../http/csv.ts';
import type { RowProblem } from './read-product.ts';

type Say = (key: string) => string;

/** Streams problems as CSV. */
export async function sendProblemsCsv(
  res: Response,
  problems: AsyncIterable<RowProblem[]>,
  { name, say, explain }: { name: string; say: Say; explain: (problem: RowProblem) => string },
): Promise<void> {
  res.attachment(name).type('text/csv; charset=utf-8');
  const columns = ['row', 'column', 'value', 'problem'].map((column) => say(`imports:problems.${column}`));
  const rows = async function* () {
    for await (const chunk of problems) {
      for (const problem of chunk) yield [problem.row, problem.column, problem.value, explain(problem)];
    }
  };
  await pipeline(Readable.from(rows()), csvWriter(columns), res);
}
