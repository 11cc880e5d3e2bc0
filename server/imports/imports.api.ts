import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { FIELDS } from './columns.ts';
import { IMPORT_STATES, importList, importOptions, problemList } from './imports.input.ts';
import { findImport, listImports, listProblems } from './imports.queries.ts';

const count = z.number().int();

const summary = z.object({
  ...{ id, fileName: z.string(), state: z.enum(IMPORT_STATES), failure: z.string().nullable() },
  /** Products. Before the import runs, the counts are those of the check. */
  ...{ total: count, processed: count, created: count, updated: count, skipped: count, failed: count },
  ...{ createdAt: instant, finishedAt: instant.nullable() },
});

const whole = summary.extend({
  headers: z.array(z.string()),
  /** Numbers of columns, from 0. */
  mapping: z.partialRecord(z.enum(FIELDS), count),
  options: importOptions,
  startedAt: instant.nullable(),
});

const problem = z.object({ row: count, column: z.string(), value: z.string(), code: z.string() });

const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ rows: z.array(row), next: z.string().nullable(), previous: z.string().nullable() });

const params = z.object({ id });
const tag = 'Imports';

/** The JSON twins of the import pages. A file is uploaded, and its columns are confirmed, on the pages alone. */
export function importsPartnerOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/imports', tag, summary: 'List imports' },
      query: listSchema(importList),
      response: pageOf(summary),
      handler: (db, { req }) => listImports(db, parseList(importList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'get', path: '/imports/:id', tag, summary: 'One import' },
      ...{ params, response: whole },
      handler: (db, { params }) => findImport(db, params.id),
    }),
    operation({
      ...{ method: 'get', path: '/imports/:id/problems', tag, summary: 'Errors and products left out' },
      ...{ params, query: listSchema(problemList), response: pageOf(problem) },
      handler: async (db, { params, req }) => {
        const { id: importId } = await findImport(db, params.id);
        return listProblems(db, importId, parseList(problemList, req.query, 'strict'));
      },
    }),
  ];
}
