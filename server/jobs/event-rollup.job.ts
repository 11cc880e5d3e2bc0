import type { Database } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import type { EventGate } from '../events/event-gate.ts';
import { marketJobScope } from './job-scope.ts';
import type { JobLog } from './log.ts';
import { type JobHandler, JobInterrupted } from './queue.ts';

export const EVENT_ROLLUP_JOB = 'events.rollup';

/** Milliseconds that one run may take; the next one goes on. */
const LONGEST = 50_000;
/** Days of one market that one statement counts again; fewer after one that took too long. */
const DAYS = 30;
/** A day is counted anew as a whole, so a busy one may not be for a while: counting gets at most a twentieth of the time. */
const REST = 20;
const LONGEST_REST = 60_000;

interface EventRollupTools {
  readonly database: Pick<Database, 'direct'>;
  readonly events: Pick<EventGate, 'waitingMarkets'>;
  readonly logger: JobLog;
  /** Milliseconds from any beginning. */
  readonly now?: () => number;
}

/**
 * Brings figures up to date with events, market by market, each under its own context. Every statement is a whole:
 * who is interrupted between two loses nothing, and whoever goes on counts the same.
 */
export function eventRollupJob(tools: EventRollupTools): JobHandler {
  const { events, logger, now = () => performance.now() } = tools;
  /** Until when a market rests. */
  const resting = new Map<string, number>();
  return async (_payload, { signal }) => {
    const begun = now();
    for (const marketId of await events.waitingMarkets()) {
      if (signal.aborted) throw new JobInterrupted();
      const start = now();
      if (start - begun > LONGEST) return;
      if ((resting.get(marketId) ?? 0) > start) continue;
      try {
        await rollUp(tools, marketId, () => signal.aborted || now() - begun > LONGEST);
      } catch (error) {
        // One market's trouble is not the others'. Its tasks wait for the next run.
        logger.error({ err: error, marketId }, 'events could not be rolled up');
      }
      const took = now() - start;
      if (took > 100) resting.set(marketId, now() + Math.min(took * REST, LONGEST_REST));
      else resting.delete(marketId);
    }
  };
}

async function rollUp(
  { database }: EventRollupTools,
  marketId: string,
  isOver: () => boolean,
): Promise<void> {
  const direct = database.direct(marketJobScope(marketId, EVENT_ROLLUP_JOB));
  let days = DAYS;
  while (!isOver()) {
    try {
      const [row] = await direct.rows<{ taken: number }>(sql`select app.roll_up(${days}) as taken`);
      if (row!.taken === 0) return;
    } catch (error) {
      if (!isTooLong(error) || days === 1) throw error;
      days = Math.ceil(days / 4);
    }
  }
}

/** The statement's own limit. */
export const isTooLong = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '57014';
