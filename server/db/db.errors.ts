import { AppError } from '../errors.ts';

/** No connection was free in time. Answered with 503 and Retry-After. */
export class PoolBusyError extends AppError {
  constructor(cause?: unknown) {
    super(503, 'busy', { retryAfterSeconds: 2, cause });
    this.name = 'PoolBusyError';
  }
}

/** A write in a transaction that may only read: a support session's. */
const READ_ONLY = '25006';

/** PostgreSQL refused the statement under this scope: a policy, a grant or a function's own check. */
export class ScopeRefusedError extends AppError {
  /** SQLSTATE. */
  readonly sqlState: string;

  constructor(sqlState: string, message: string, cause?: unknown) {
    super(403, sqlState === READ_ONLY ? 'support-read-only' : 'forbidden', { cause });
    this.name = 'ScopeRefusedError';
    this.message = message;
    this.sqlState = sqlState;
  }
}

/** What the counters of plan limits raise, as JSON in the message (app.refuse_limit). */
export const LIMIT_REACHED = 'BH010';

/** A plan's limit: nothing was written. `upgrade` is where the market sees what it uses and what it can do. */
export class LimitReachedError extends AppError {
  constructor(said: string, cause?: unknown) {
    const { limit, use, cap, plan } = JSON.parse(said) as Record<string, unknown>;
    super(409, 'plan-limit', { values: { limit, use, cap, plan, upgrade: '/usage' }, cause });
    this.name = 'LimitReachedError';
  }
}

/** A statement reached the database layer with no scope around it. Always a fault of this program. */
export class NoScopeError extends AppError {
  constructor() {
    super(500, 'internal');
    this.name = 'NoScopeError';
    this.message = 'A database operation ran outside of a scope';
  }
}

/**
 * Carries an error of ours through Prisma, which turns whatever has a `code` into an error of its own. The
 * scoped client unwraps it.
 */
export class CarriedError extends Error {
  override readonly name = 'CarriedError';
  readonly carried: AppError;

  constructor(carried: AppError) {
    super(carried.message);
    this.carried = carried;
  }
}

/** The error behind Prisma's, when one of ours was carried through it. */
export function uncarried(error: unknown): unknown {
  return error instanceof CarriedError ? error.carried : error;
}

const refusals = new Set(['42501', '28000', READ_ONLY]);

/**
 * An error of the server's as it goes on: a refusal gets a class of ours, because adapter-pg's names for 28000 and
 * 42501 speak of passwords and databases. Carried, so that Prisma leaves it alone.
 */
export function refusalOf(error: unknown): unknown {
  if (error instanceof CarriedError) return error;
  const { code, message } = error as { code?: unknown; message: string };
  if (code === LIMIT_REACHED) return new CarriedError(new LimitReachedError(message, error));
  return isRefusal(code) ? new CarriedError(new ScopeRefusedError(code, message, error)) : error;
}

/** Whether an SQLSTATE says that the scope, not the data, was refused (`BH…` are raised by our own SQL). */
function isRefusal(sqlState: unknown): sqlState is string {
  return typeof sqlState === 'string' && (refusals.has(sqlState) || sqlState.startsWith('BH'));
}
