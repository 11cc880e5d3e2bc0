import type { Database } from '../db/client.ts';
import { ScopeRefusedError } from '../db/db.errors.ts';
import { AppError, busy } from '../errors.ts';
import type { Scope } from '../market/scope.ts';
import { IntakeRefused, type Outcome, type ReportedView, writeViews } from './intake-batch.ts';
import type { IntakeCounts } from './intake-counts.ts';

export interface Intake {
  /**
   * Writes views under a public scope; resolves once they are durable. Outcomes come in the views' order.
   * @throws AppError 503 with Retry-After when there is no room, or no month to write into: nothing was written then.
   */
  take(scope: Scope, views: readonly ReportedView[]): Promise<Outcome[]>;
  readonly counts: IntakeCounts;
}

export interface IntakeOptions {
  readonly database: Pick<Database, 'direct'>;
  readonly counts: IntakeCounts;
  /** A month is missing: whoever can make it should. */
  readonly onMissingMonth?: () => void;
  /** Statements under way at a time, all markets together. */
  readonly atOnce?: number;
  /** Events that may wait, all markets together. */
  readonly room?: number;
}

/** As many events as one statement takes, unless one request has more. Where so many wait, another statement begins. */
const FULL = 500;
const ATTEMPTS = 3;
/** Deadlock, serialization, lock timeout; and an offer that went between the judgement and the write. */
const TRANSIENT = new Set(['40P01', '40001', '55P03', '23503']);

/** Of one market and key. It is there while it has requests waiting or under way. */
interface Lane {
  readonly name: string;
  readonly waiting: Waiting[];
  /** Events of those. */
  events: number;
  running: number;
  isReady: boolean;
}

interface Waiting {
  readonly scope: Scope;
  readonly views: readonly ReportedView[];
  readonly resolve: (outcomes: Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: what arrives for a market while a batch of it is under way goes with the next one, or at once when it
 * is a full one; nothing waits for a timer. A batch holds requests of one key (or of hosted pages) alone, so that the statement's scope is each one's own.
 */
export function createIntake(options: IntakeOptions): Intake {
  const { database, counts, onMissingMonth = () => {}, atOnce = 4, room = 20_000 } = options;
  const lanes = new Map<string, Lane>();
  const ready: Lane[] = [];
  let [running, taken] = [0, 0];

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    const views = batch.length === 1 ? batch[0]!.views : batch.flatMap((each) => each.views);
    try {
      const outcomes = await withRetries(() => writeViews(database.direct(batch[0]!.scope), views));
      let from = 0;
      for (const { resolve, views: own } of batch) {
        resolve(outcomes.slice(from, from + own.length));
        from += own.length;
      }
    } catch (error) {
      // Whatever is wrong with one must not be wrong with its neighbours.
      if (batch.length > 1 && isStatementsOwn(error)) for (const each of batch) await write([each]);
      else for (const each of batch) each.reject(refusal(error, onMissingMonth));
    }
  };

  const getReady = (lane: Lane): void => {
    if (lane.isReady || lane.events === 0 || (lane.running > 0 && lane.events < FULL)) return;
    lane.isReady = true;
    ready.push(lane);
  };

  const runLane = async (lane: Lane): Promise<void> => {
    lane.isReady = false;
    lane.running += 1;
    const batch = takeBatch(lane);
    getReady(lane);
    await write(batch);
    for (const { views } of batch) taken -= views.length;
    lane.running -= 1;
    getReady(lane);
    if (lane.running === 0 && lane.events === 0) lanes.delete(lane.name);
  };

  const next = (): void => {
    while (running < atOnce && ready.length > 0) {
      running += 1;
      void runLane(ready.shift()!).finally(() => {
        running -= 1;
        next();
      });
    }
  };

  const enqueue = (scope: Scope, views: readonly ReportedView[]) =>
    new Promise<Outcome[]>((resolve, reject) => {
      if (taken + views.length > room) return reject(busy());
      taken += views.length;
      const name = laneOf(scope);
      const lane = lanes.get(name) ?? { name, waiting: [], events: 0, running: 0, isReady: false };
      lanes.set(name, lane);
      lane.waiting.push({ scope, views, resolve, reject });
      lane.events += views.length;
      getReady(lane);
      next();
    });

  return {
    counts,
    take: async (scope, views) => {
      if (views.length === 0) return [];
      const outcomes = await enqueue(scope, views).catch((error) => {
        counts.add(scope.marketId!, 'failed', views.length);
        throw error;
      });
      for (const [outcome, events] of tally(outcomes)) counts.add(scope.marketId!, outcome, events);
      return outcomes;
    },
  };
}

/** How often each outcome occurs. */
export function tally(outcomes: readonly Outcome[]): Map<Outcome, number> {
  const numbers = new Map<Outcome, number>();
  for (const outcome of outcomes) numbers.set(outcome, (numbers.get(outcome) ?? 0) + 1);
  return numbers;
}

const laneOf = ({ marketId, actor }: Scope): string => `${marketId}|${actor.kind}|${actor.id}`;

/** Requests are never divided. */
function takeBatch(lane: Lane): Waiting[] {
  let [requests, events] = [0, 0];
  while (requests < lane.waiting.length && events < FULL) events += lane.waiting[requests++]!.views.length;
  lane.events -= events;
  return lane.waiting.splice(0, requests);
}

async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !TRANSIENT.has(codeOf(error))) throw error;
    }
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code);

/** The database refused this statement; a lost connection or a full pool would refuse each of its parts, too. */
const isStatementsOwn = (error: unknown): boolean =>
  error instanceof ScopeRefusedError || /^(22|23|42)/.test(codeOf(error));

/** 23514 is a CHECK, or that no partition takes the row: the months are kept by a job. */
function refusal(error: unknown, onMissingMonth: () => void): unknown {
  if (error instanceof IntakeRefused) return new AppError(403, 'market-not-active', { cause: error });
  if (codeOf(error) !== '23514' || !/no partition/.test(String((error as Error).message))) return error;
  onMissingMonth();
  return new AppError(503, 'events-closed', { retryAfterSeconds: 60, cause: error });
}
