import { ScopeViolation } from '../market/scoping/scope-violation.ts';
import type { Trace } from '../market/trace.ts';
import { ScopeRefusedError, uncarried } from './db.errors.ts';

/** What an operation was called, and whether the market was put into its arguments. */
export interface Called {
  readonly model: string;
  readonly operation: string;
  readonly injected: boolean;
}

type Settle = (value: unknown) => void;

/** The two ends of an operation, noted on the way. Rows that relations bring along are not counted. */
export function noted(trace: Trace, called: Called, resolve: Settle, reject: Settle): [Settle, Settle] {
  return [
    (result) => {
      trace.note({ ...called, ...countsOf(called.operation, result), ...idsOf(trace, result) });
      resolve(result);
    },
    (error) => {
      noteRefusal(trace, called.model, error);
      reject(error);
    },
  ];
}

/** A refusal by the database or by the argument scoping; any other failure is none of a receipt's business. */
export function noteRefusal(trace: Trace | undefined, model: string, thrown: unknown): void {
  const error = uncarried(thrown);
  if (error instanceof ScopeViolation) trace?.deny(model, 'scope');
  else if (error instanceof ScopeRefusedError) trace?.deny(model, error.sqlState);
}

const WRITES = /^(create|update|delete|upsert)/;
export const isRead = (operation: string): boolean => !WRITES.test(operation);

function countsOf(operation: string, result: unknown): { read: number; written: number } {
  const rows = Array.isArray(result) ? result.length : result === null ? 0 : 1;
  if (isRead(operation)) return { read: rows, written: 0 };
  const { count } = (result ?? {}) as { count?: unknown };
  return { read: 0, written: typeof count === 'number' && operation.includes('Many') ? count : rows };
}

function idsOf(trace: Trace, result: unknown): { ids?: string[] } {
  if (!trace.wantsIds) return {};
  const rows = (Array.isArray(result) ? result : [result]) as ({ id?: unknown } | null)[];
  return { ids: rows.flatMap((row) => (typeof row?.id === 'string' ? [row.id] : [])) };
}
