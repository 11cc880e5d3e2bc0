import type { Database } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import type { EventGate } from '../events/event-gate.ts';
import { marketJobScope } from './job-scope.ts';
import type { JobLog } from './log.ts';
import { type JobHandler, JobInterrupted } from './queue.ts';

export const CLAIM_COHORTS_JOB = 'claims.cohorts';

interface ClaimCohortsTools {
  readonly database: Pick<Database, 'direct'>;
  readonly events: Pick<EventGate, 'rolledUpMarkets'>;
  readonly logger: JobLog;
}

/** Counts every market's returning shoppers anew, each market under its own context. */
export function claimCohortsJob({ database, events, logger }: ClaimCohortsTools): JobHandler {
  return async (_payload, { signal }) => {
    for (const marketId of await events.rolledUpMarkets()) {
      if (signal.aborted) throw new JobInterrupted();
      try {
        const direct = database.direct(marketJobScope(marketId, CLAIM_COHORTS_JOB));
        await direct.rows(sql`select app.count_cohorts()`);
      } catch (error) {
        // One market's trouble is not the others'. It keeps the counts it had.
        logger.error({ err: error, marketId }, 'returning shoppers could not be counted');
      }
    }
  };
}
