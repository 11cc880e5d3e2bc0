import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { CarriedError, PoolBusyError } from './db.errors.ts';
import { requireOwnDefaults } from './login-defaults.ts';
import { Session } from './session.ts';
import { Waiting } from './waiting.ts';

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
  readonly idleTimeout?: number;
  readonly onError?: (error: Error) => void;
}

const defaults = {
  acquireTimeout: 2_000,
  maxWaiting: 500,
  statementTimeout: 15_000,
  lockTimeout: 5_000,
  idleInTransactionTimeout: 10_000,
  idleTimeout: 60_000,
};

/** A server that has not answered this long after its own limit is not going to. */
const GRACE = 3_000;
const PATROL = 1_000;

/** Replanning each call costs more than the query; UTC because adapter-pg reads instants as UTC. */
const SETTINGS = '-c timezone=UTC -c plan_cache_mode=force_generic_plan';

/**
 * Connections of one login; hands out sessions that nobody else's leftovers reach. `pg`'s pool makes and ends
 * them. Free ones are kept here, because there each hand-out costs a tick and two timers.
 */
export class SessionPool {
  readonly pg: pg.Pool;
  private readonly options: PoolOptions & typeof defaults;
  private readonly free: Session[] = [];
  private readonly waiting: Waiting<Session>;
  private readonly sessions = new Set<Session>();
  private readonly patrol: NodeJS.Timeout;
  private opening = 0;
  private ending = false;

  constructor(options: PoolOptions) {
    this.options = { ...defaults, ...options };
    this.pg = new pg.Pool(poolConfig(this.options));
    this.pg.on('error', (error) => options.onError?.(error));
    this.waiting = new Waiting(this.options.acquireTimeout, busy);
    this.patrol = setInterval(() => this.lookAround(Date.now()), PATROL).unref();
  }

  get total(): number {
    return this.sessions.size + this.opening;
  }

  get idle(): number {
    return this.free.length;
  }

  get waiters(): number {
    return this.waiting.size;
  }

  /** Fails with PoolBusyError (carried) when no connection is free in time. */
  acquire(): Promise<Session> {
    if (this.ending) return Promise.reject(new Error('The pool has been closed'));
    const session = this.free.pop();
    if (session) return Promise.resolve(session);
    if (this.waiting.size >= this.options.maxWaiting) return Promise.reject(busy());
    const promise = this.waiting.enter();
    this.openOne();
    return promise;
  }

  private openOne(): void {
    if (this.ending || this.total >= this.options.size || this.opening >= this.waiting.size) return;
    this.opening += 1;
    this.pg.connect((error, client) => {
      this.opening -= 1;
      if (error || !client) {
        this.waiting.fail(error ?? new Error('No connection'));
        this.openOne();
        return;
      }
      const session = client as unknown as Session;
      this.sessions.add(session);
      session.once('error', (fault) => this.lose(session, fault));
      session.once('end', () => this.lose(session, new Error('Connection ended')));
      this.handOver(session);
    });
  }

  private handOver(session: Session): void {
    if (this.ending) {
      this.discard(session, new Error('The pool has been closed'));
      return;
    }
    if (this.waiting.serve(session)) return;
    session.idleSince = Date.now();
    this.free.push(session);
  }

  /**
   * Takes a session back. It is thrown away when the connection failed (an error without a severity, FATAL)
   * or a transaction is still open, and reset first when hand-written SQL has run on it. A statement that
   * the server refused, such as a unique violation, costs no connection.
   */
  release(session: Session, raw: boolean, error?: unknown): void {
    if (session.lost || (error !== undefined && endsConnection(error)))
      this.discard(session, error ?? new Error('Connection lost'));
    else if (raw || session.transactionStatus !== 'I') void this.reset(session);
    else this.handOver(session);
  }

  private async reset(session: Session): Promise<void> {
    try {
      await session.reset(this.options.named);
      if (session.transactionStatus !== 'I') throw new Error('Connection left inside a transaction');
    } catch (error) {
      this.discard(session, error);
      return;
    }
    this.handOver(session);
  }

  /** A connection died: nobody gets it any more. One that is in use is given back by its user. */
  private lose(session: Session, error: Error): void {
    session.lost = true;
    const place = this.free.indexOf(session);
    if (place < 0) return;
    this.free.splice(place, 1);
    this.options.onError?.(error);
    this.discard(session, error);
  }

  private discard(session: Session, error: unknown): void {
    if (!this.sessions.delete(session)) return;
    session.lost = true;
    (session as unknown as pg.PoolClient).release(error instanceof Error ? error : new Error(String(error)));
    this.openOne();
  }

  /** Ends connections that nobody has used for long, and those whose server has stopped answering. */
  private lookAround(now: number): void {
    const { idleTimeout, statementTimeout } = this.options;
    for (const session of this.free.filter((one) => now - one.idleSince > idleTimeout))
      this.lose(session, new Error('Idle'));
    for (const session of this.sessions) {
      if (session.busySince > 0 && now - session.busySince > statementTimeout + GRACE) session.abandon();
    }
  }

  async end(): Promise<void> {
    this.ending = true;
    clearInterval(this.patrol);
    const closed = new Error('The pool has been closed');
    while (this.waiting.size > 0) this.waiting.fail(closed);
    for (const session of this.free.splice(0)) this.discard(session, closed);
    await this.pg.end();
  }
}

const busy = () => new CarriedError(new PoolBusyError());

function poolConfig(options: PoolOptions & typeof defaults): pg.PoolConfig {
  return {
    connectionString: options.url,
    max: options.size,
    application_name: options.applicationName ?? 'bulkhead',
    Client: Session as never,
    connectionTimeoutMillis: options.acquireTimeout + GRACE,
    statement_timeout: options.statementTimeout,
    lock_timeout: options.lockTimeout,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeout,
    keepAlive: true,
    options: SETTINGS,
    onConnect: async (client) => {
      await requireOwnDefaults(client);
      if (options.named) await (client as unknown as Session).prepareContext();
    },
  } as pg.PoolConfig;
}

/** Whether the connection can't be used any more after this error. */
export function endsConnection(error: unknown): boolean {
  // Such as a column of a type that Prisma does not know: the answer itself came whole.
  if (isDriverAdapterError(error)) return false;
  const severity = (error as { severity?: unknown }).severity;
  return severity === undefined || severity === 'FATAL' || severity === 'PANIC';
}
