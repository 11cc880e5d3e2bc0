/** No connection was free in time. Answered with 503 and `Retry-After: retryAfter` (seconds). */
export class PoolBusyError extends Error {
  override readonly name = 'PoolBusyError';
  readonly code = 'database_busy';
  readonly status = 503;
  readonly expose = true;
  readonly retryAfter = 2;

  constructor(options?: ErrorOptions) {
    super('The database is busy. Try again in a moment.', options);
  }
}

/** PostgreSQL refused the statement under this scope: a policy, a grant or a function's own check. */
export class ScopeRefusedError extends Error {
  override readonly name = 'ScopeRefusedError';
  readonly code = 'scope_refused';
  readonly status = 403;
  readonly expose = false;
  /** SQLSTATE. */
  readonly sqlState: string;

  constructor(sqlState: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.sqlState = sqlState;
  }
}

/** A statement reached the database layer with no scope around it. Always a fault of this program. */
export class NoScopeError extends Error {
  override readonly name = 'NoScopeError';
  readonly code = 'no_scope';
  readonly status = 500;
  readonly expose = false;

  constructor() {
    super('A database operation ran outside of a scope');
  }
}

/**
 * Carries an error of ours through Prisma, which turns whatever has a `code` into an error of its own. The
 * scoped client unwraps it.
 */
export class CarriedError extends Error {
  override readonly name = 'CarriedError';
  readonly carried: Error;

  constructor(carried: Error) {
    super(carried.message);
    this.carried = carried;
  }
}

/** The error behind Prisma's, when one of ours was carried through it. */
export function uncarried(error: unknown): unknown {
  return error instanceof CarriedError ? error.carried : error;
}

const refusals = new Set(['42501', '28000']);

/** Whether an SQLSTATE says that the scope, not the data, was refused (`BH…` are raised by our own SQL). */
export function isRefusal(sqlState: unknown): sqlState is string {
  return typeof sqlState === 'string' && (refusals.has(sqlState) || sqlState.startsWith('BH'));
}
