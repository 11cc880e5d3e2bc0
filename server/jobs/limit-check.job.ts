import type { Database } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import type { LimitGate } from '../plans/limit-gate.ts';
import { marketJobScope } from './job-scope.ts';
import type { JobLog } from './log.ts';
import { type JobHandler, JobInterrupted } from './queue.ts';

export const LIMIT_CHECK_JOB = 'limits.check';

interface LimitCheckTools {
  readonly database: Pick<Database, 'direct'>;
  readonly plans: LimitGate;
  readonly logger: JobLog;
}

/**
 * Holds every market's counters against what there is. One that is wrong is put right, because it would refuse or allow
 * wrongly from now on; what it said is kept for operators, and logged.
 */
export function limitCheckJob({ database, plans, logger }: LimitCheckTools): JobHandler {
  return async (_payload, { signal }) => {
    for (const marketId of await plans.countedMarkets()) {
      if (signal.aborted) throw new JobInterrupted();
      try {
        const direct = database.direct(marketJobScope(marketId, LIMIT_CHECK_JOB));
        const [row] = await direct.rows<{ wrong: number }>(sql`select app.check_limits() as wrong`);
        if (row!.wrong > 0) logger.error({ marketId, counters: row!.wrong }, 'counters of limits were wrong');
      } catch (error) {
        logger.error({ err: error, marketId }, 'counters of limits could not be checked');
      }
    }
  };
}
