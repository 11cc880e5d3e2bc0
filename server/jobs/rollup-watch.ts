import type { EventGate } from '../events/event-gate.ts';
import { EVENT_ROLLUP_JOB } from './event-rollup.job.ts';
import type { JobLog } from './log.ts';
import type { Queue } from './queue.ts';

interface WatchTools {
  readonly events: Pick<EventGate, 'isRollupDue'>;
  readonly queue: Pick<Queue, 'add'>;
  readonly logger: JobLog;
  /** Milliseconds between two looks. */
  readonly every?: number;
}

/**
 * Has what was written counted within seconds. It looks at what waits, so it does not matter who wrote: an intake of
 * any process, or a claim. @returns what ends it.
 */
export function watchRollups({ events, queue, logger, every = 2_000 }: WatchTools): () => void {
  const look = async () => {
    try {
      if (await events.isRollupDue()) await queue.add(EVENT_ROLLUP_JOB, {}, EVENT_ROLLUP_JOB);
    } catch (error) {
      logger.warn({ err: error }, 'could not look for events to be rolled up');
    }
  };
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    await look();
    isLooking = false;
  }, every);
  timer.unref();
  return () => clearInterval(timer);
}
