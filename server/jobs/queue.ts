import { EventEmitter } from 'node:events';
import { Logger, parseCronItems, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker';
import pg from 'pg';
import type { JobLog } from './log.ts';
import { markPool, type PoolMark, releaseDeadPools } from './pool-mark.ts';

export interface JobRun {
  /** 1 for the first try. */
  readonly attempt: number;
  readonly isLastAttempt: boolean;
  /** Aborts when the process is to end: stop at the next safe place and throw `JobInterrupted`. */
  readonly signal: AbortSignal;
}

/** A handler does its work, or throws: the job is tried again later, five times in all. */
export type JobHandler = (payload: unknown, run: JobRun) => Promise<void>;

/** Thrown by a job that stopped because the process ends. It goes on in the next process, at no attempt's cost. */
export class JobInterrupted extends Error {}

export type JobHandlers = Readonly<Record<string, JobHandler>>;

/** A job that comes by the clock: `when` as in a crontab, in UTC. One process places it, however many there are. */
export interface Scheduled {
  readonly name: string;
  readonly when: string;
}

export interface QueueOptions {
  /** The gate's address; the login of requests can't enter the queue's schema. */
  readonly url: string;
  readonly log: JobLog;
  readonly concurrency?: number;
  /** How often jobs of processes that died are looked for, in milliseconds. */
  readonly sweepInterval?: number;
}

export interface Queue {
  /** Places a job. One job a key: placed again it is replaced, or runs once more if it has begun. */
  add(name: string, payload: object, key: string): Promise<void>;
  /** Begins to take jobs of these names, and to place those that come by the clock. */
  start(handlers: JobHandlers, scheduled?: readonly Scheduled[]): Promise<void>;
  /** Takes no more, lets running ones come to a safe place, and closes its connections. Safe to repeat. */
  stop(): Promise<void>;
}

const MAX_ATTEMPTS = 5;
const SCHEMA = 'graphile_worker';

/** Connects nothing until it is used. */
export function createQueue(options: QueueOptions): Queue {
  const { url, log, concurrency = 3, sweepInterval = 15_000 } = options;
  // One connection listens, the others are held for a statement at a time.
  const pool = new pg.Pool({
    connectionString: url,
    max: 3,
    connectionTimeoutMillis: 5_000,
    application_name: 'bulkhead-jobs',
  });
  pool.on('error', (error) => log.warn({ err: error }, 'job queue lost a connection'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  const ending = new AbortController();
  let runner: Runner | undefined;
  let mark: PoolMark | undefined;
  let sweeper: NodeJS.Timeout | undefined;

  const add: Queue['add'] = async (name, payload, key) => {
    await pool.query(`select ${SCHEMA}.add_job($1, payload => $2::json, job_key => $3, max_attempts => $4)`, [
      name,
      JSON.stringify(payload),
      key,
      MAX_ATTEMPTS,
    ]);
  };

  const sweep = async () => {
    try {
      const freed = await releaseDeadPools(pool, SCHEMA);
      if (freed.length > 0) log.info({ pools: freed }, 'jobs of an ended process are free again');
    } catch (error) {
      log.warn({ err: error }, 'could not look for jobs of ended processes');
    }
  };

  return {
    add,
    start: async (handlers, scheduled = []) => {
      await sweep();
      const events: WorkerEvents = new EventEmitter();
      // Its id alone: the pool itself is a thenable that settles when it ends.
      const poolId = new Promise<string>((resolve) =>
        events.once('pool:create', ({ workerPool }) => resolve(workerPool.id)),
      );
      runner = await run({
        pgPool: pool,
        schema: SCHEMA,
        taskList: tasks(handlers, ending.signal, add),
        concurrency,
        events,
        // The process has its own order of shutting down.
        noHandleSignals: true,
        noPreparedStatements: true,
        parsedCronItems: byTheClock(scheduled),
        logger: new Logger(() => (level, message, meta) => tell(log, level, message, meta)),
      });
      runner.promise.catch((error) => log.error({ err: error }, 'job queue stopped'));
      mark = await markPool(url, await poolId, log);
      sweeper = setInterval(sweep, sweepInterval);
      sweeper.unref();
    },
    stop: async () => {
      if (ending.signal.aborted) return;
      ending.abort();
      clearInterval(sweeper);
      await runner?.stop();
      await mark?.release();
      await pool.end();
    },
  };
}

/** One that has not begun when its time comes again is not placed twice. What was missed is not made up for. */
const byTheClock = (scheduled: readonly Scheduled[]) =>
  parseCronItems(
    scheduled.map(({ name, when }) => ({
      task: name,
      match: when,
      options: { jobKey: name, maxAttempts: MAX_ATTEMPTS, backfillPeriod: 0 },
    })),
  );

function tasks(handlers: JobHandlers, signal: AbortSignal, add: Queue['add']): TaskList {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handle]) => [
      name,
      async (payload, { job }) => {
        const isLastAttempt = job.attempts >= job.max_attempts;
        try {
          await handle(payload, { attempt: job.attempts, isLastAttempt, signal });
        } catch (error) {
          if (!(error instanceof JobInterrupted)) throw error;
          await add(name, payload as object, job.key ?? String(job.id));
        }
      },
    ]),
  );
}

/** What graphile-worker tells at "info" is one line a job. */
function tell(log: JobLog, level: string, message: string, meta: unknown): void {
  const details = { job: (meta as { job?: { id?: unknown } } | undefined)?.job?.id };
  if (level === 'error') log.error({ ...details, err: (meta as { error?: unknown })?.error }, message);
  else if (level === 'warning') log.warn(details, message);
  else log.debug(details, message);
}
