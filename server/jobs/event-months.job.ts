import type { EventGate } from '../events/event-gate.ts';
import type { JobLog } from './log.ts';
import type { JobHandler } from './queue.ts';

export const EVENT_MONTHS_JOB = 'events.partitions';

interface EventMonthsTools {
  readonly events: Pick<EventGate, 'keepMonths'>;
  /** Events older than this many months are dropped; what was counted of them stays. */
  readonly monthsKept: number;
  readonly logger: JobLog;
}

/** Keeps the months that events can be written in: the last one, this one, three ahead, and those that are kept. */
export function eventMonthsJob({ events, monthsKept, logger }: EventMonthsTools): JobHandler {
  return async () => {
    const changed = await events.keepMonths(monthsKept);
    if (changed.length > 0) logger.info({ changed }, 'months of events made and dropped');
  };
}
