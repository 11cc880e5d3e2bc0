import type { EventGate } from '../events/event-gate.ts';
import type { JobLog } from './log.ts';
import type { JobHandler } from './queue.ts';

export const BENCHMARKS_JOB = 'benchmarks.publish';

/** Months that are asked for each day: one that could not be published yet will be. */
const MONTHS = 3;

interface BenchmarksTools {
  readonly events: Pick<EventGate, 'publishBenchmarks'>;
  readonly clock: () => Date;
  readonly logger: JobLog;
}

/** Publishes the benchmarks of months that have ended. The database says when a month may be, and only once. */
export function benchmarksJob({ events, clock, logger }: BenchmarksTools): JobHandler {
  return async () => {
    for (let back = 1; back <= MONTHS; back++) {
      const now = clock();
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back))
        .toISOString()
        .slice(0, 10);
      const published = await events.publishBenchmarks(month);
      if (published > 0) logger.info({ month, published }, 'benchmarks published');
    }
  };
}
