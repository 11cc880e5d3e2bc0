import type { ModelMap } from '../market/scoping/model-map.ts';
import type { Plain } from '../market/scoping/plain.ts';
import { ScopeViolation } from '../market/scoping/scope-violation.ts';
import type { Trace } from '../market/trace.ts';
import { readAlong, writtenAlong } from './counting.ts';
import { ScopeRefusedError, uncarried } from './db.errors.ts';

/** What an operation was called, and whether the market was put into its arguments. */
export interface Called {
  readonly model: string;
  readonly operation: string;
  readonly injected: boolean;
  readonly args: unknown;
  readonly models: ModelMap;
}

type Settle = (value: unknown) => void;
type Ends = [Settle, Settle];

/** The two ends of an operation, noted on the way. */
export function noted(trace: Trace, called: Called, resolve: Settle, reject: Settle): Ends {
  const { model } = called;
  return [
    (result) => {
      try {
        noteResult(trace, called, result);
      } catch {
        // Whoever asked gets the rows, whatever came of counting them; the receipt says that it does not know.
        trace.noteUncounted(model);
      }
      resolve(result);
    },
    refusalNoted(trace, model, reject),
  ];
}

/** The same for a statement that was written by hand, through Prisma. */
export function rawNoted(trace: Trace, { text, executes }: RawCall, resolve: Settle, reject: Settle): Ends {
  return [
    (result) => {
      const affected = typeof result === 'number' ? result : rowsOf(result).length;
      noteStatement(trace, 'raw', { text, writes: executes || WRITING.test(text), rows: affected });
      resolve(result);
    },
    refusalNoted(trace, 'sql', reject),
  ];
}

interface RawCall {
  readonly text: string;
  /** Whether it was run for its effect: `$executeRaw`. */
  readonly executes: boolean;
}

interface RanStatement {
  readonly text: string;
  readonly writes: boolean;
  readonly rows: number;
}

/** Of statements that write within a `with`, the server tells the last part's rows alone. */
export function noteStatement(
  trace: Trace,
  operation: 'raw' | 'direct',
  { text, writes, rows }: RanStatement,
): void {
  const [read, written] = writes ? [0, rows] : [rows, 0];
  trace.note({ model: 'sql', operation, injected: false, read, written });
  if (WITH.test(text) && WRITES_WITHIN.test(text)) trace.noteUncounted('sql');
}

const WRITING = /^\s*(insert|update|delete|merge)\b/i;
const WITH = /^\s*with\b/i;
const WRITES_WITHIN = /\(\s*(insert|update|delete|merge)\b/i;

const refusalNoted =
  (trace: Trace, model: string, reject: Settle): Settle =>
  (error) => {
    noteRefusal(trace, model, error);
    reject(error);
  };

/** A refusal by the database or by the argument scoping; any other failure is none of a receipt's business. */
export function noteRefusal(trace: Trace | undefined, model: string, thrown: unknown): void {
  const error = uncarried(thrown);
  if (error instanceof ScopeViolation) trace?.deny(model, 'scope');
  else if (error instanceof ScopeRefusedError) trace?.deny(model, error.sqlState);
}

const WRITES = /^(create|update|delete|upsert)/;
export const isRead = (operation: string): boolean => !WRITES.test(operation);

function noteResult(trace: Trace, called: Called, result: unknown): void {
  const { model, operation, injected } = called;
  const rows = rowsOf(result);
  const written = isRead(operation) ? 0 : countWritten(operation, rows.length, result);
  const read = isRead(operation) ? rows.length : 0;
  trace.note({ model, operation, injected, read, written, ids: idsOf(trace, rows) });
  if (called.args) noteAlong(trace, called, rows);
}

function noteAlong(trace: Trace, { models, model, operation, args }: Called, rows: readonly unknown[]): void {
  readAlong(models, model, args, rows, (related, found) =>
    trace.noteAlong({ model: related, read: found.length, written: 0, ids: idsOf(trace, found) }),
  );
  if (isRead(operation)) return;
  writtenAlong(models, model, args as Plain, (related, written) => {
    if (written === null) trace.noteUncounted(related);
    else trace.noteAlong({ model: related, read: 0, written });
  });
}

const rowsOf = (result: unknown): readonly unknown[] =>
  Array.isArray(result) ? result : result === null ? [] : [result];

function countWritten(operation: string, rows: number, result: unknown): number {
  const { count } = (result ?? {}) as { count?: unknown };
  return typeof count === 'number' && operation.includes('Many') ? count : rows;
}

function idsOf(trace: Trace, rows: readonly unknown[]): readonly string[] | undefined {
  if (!trace.wantsIds) return undefined;
  return (rows as ({ id?: unknown } | null)[]).flatMap((row) =>
    typeof row?.id === 'string' ? [row.id] : [],
  );
}
