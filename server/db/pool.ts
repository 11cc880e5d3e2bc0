import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { CarriedError, PoolBusyError } from './db.errors.ts';
import { requireOwnDefaults } from './login-defaults.ts';
import { Session } from './session.ts';

/** Times in milliseconds. */
export interface PoolOptions {
  readonly url: string;
  readonly size: number;
  /** Whether statements are prepared under names (off behind a pooler that can't follow them). */
  readonly named: boolean;
  readonly applicationName?: string;
  readonly acquireTimeout?: number;
  /** How many callers may wait for a connection before the next one is turned away at once. */
  readonly maxWaiting?: number;
  readonly statementTimeout?: number;
  readonly lockTimeout?: number;
  readonly idleInTransactionTimeout?: number;
  readonly onError?: (error: Error) => void;
}

const defaults = {
  acquireTimeout: 2_000,
  maxWaiting: 500,
  statementTimeout: 15_000,
  lockTimeout: 5_000,
  idleInTransactionTimeout: 10_000,
};

/** Replanning each call costs more than the query; UTC because adapter-pg reads instants as UTC. */
const SETTINGS = '-c timezone=UTC -c plan_cache_mode=force_generic_plan';

/** Connections of one login. Hands out sessions that nobody else's leftovers reach. */
export class SessionPool {
  readonly pg: pg.Pool;
  private readonly options: PoolOptions & typeof defaults;

  constructor(options: PoolOptions) {
    this.options = { ...defaults, ...options };
    this.pg = new pg.Pool(poolConfig(this.options));
    this.pg.on('error', (error) => options.onError?.(error));
  }

  /** Fails with PoolBusyError (carried) when no connection is free in time. */
  acquire(): Promise<Session> {
    if (this.pg.waitingCount >= this.options.maxWaiting)
      return Promise.reject(new CarriedError(new PoolBusyError()));
    return new Promise((resolve, reject) => {
      this.pg.connect((error, client) =>
        error ? reject(busyOrSelf(error)) : resolve(client as unknown as Session),
      );
    });
  }

  /**
   * Takes a session back. It is thrown away when the connection failed (an error without a severity, FATAL)
   * or a transaction is still open, and reset first when hand-written SQL has run on it. A statement that
   * the server refused, such as a unique violation, costs no connection.
   */
  release(session: Session, raw: boolean, error?: unknown): void {
    const end = (fault?: unknown) =>
      (session as unknown as pg.PoolClient).release(fault ? asError(fault) : undefined);
    if (session.lost || (error !== undefined && endsConnection(error)))
      end(error ?? new Error('connection lost'));
    else if (raw || session.transactionStatus !== 'I') this.reset(session).then(() => end(), end);
    else end();
  }

  private async reset(session: Session): Promise<void> {
    await session.reset(this.options.named);
    if (session.transactionStatus !== 'I') throw new Error('connection left inside a transaction');
  }

  end(): Promise<void> {
    return this.pg.end();
  }
}

function poolConfig(options: PoolOptions & typeof defaults): pg.PoolConfig {
  return {
    connectionString: options.url,
    max: options.size,
    application_name: options.applicationName ?? 'bulkhead',
    Client: Session as never,
    connectionTimeoutMillis: options.acquireTimeout,
    statement_timeout: options.statementTimeout,
    // A little longer than the server's own limit: only a server that no longer answers gets here.
    query_timeout: options.statementTimeout + 3_000,
    lock_timeout: options.lockTimeout,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeout,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    options: SETTINGS,
    onConnect: async (client) => {
      await requireOwnDefaults(client);
      if (options.named) await (client as unknown as Session).prepareContext();
    },
  } as pg.PoolConfig;
}

function busyOrSelf(error: Error): Error {
  return error.message === 'timeout exceeded when trying to connect'
    ? new CarriedError(new PoolBusyError(error))
    : error;
}

function asError(fault: unknown): Error {
  return fault instanceof Error ? fault : new Error(String(fault));
}

/** Whether the connection can't be used any more after this error. */
export function endsConnection(error: unknown): boolean {
  // Such as a column of a type that Prisma does not know: the answer itself came whole.
  if (isDriverAdapterError(error)) return false;
  const severity = (error as { severity?: unknown }).severity;
  return severity === undefined || severity === 'FATAL' || severity === 'PANIC';
}
