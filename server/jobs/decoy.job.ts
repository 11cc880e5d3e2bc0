import type { Database } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import type { DecoyWatch } from '../decoy/decoy-watch.ts';
import { DECOY_MARKET } from '../market/scoping/decoy-market.ts';
import { marketJobScope } from './job-scope.ts';
import type { JobLog } from './log.ts';
import type { JobHandler } from './queue.ts';

export const DECOY_JOB = 'decoy.plant';

interface DecoyTools {
  readonly database: Pick<Database, 'direct'>;
  readonly decoy: DecoyWatch;
  readonly logger: JobLog;
}

/** Plants the decoy market where it is missing, and raises an alarm where its rows are not as they were planted. */
export function decoyJob({ database, decoy, logger }: DecoyTools): JobHandler {
  return async () => {
    const direct = database.direct(marketJobScope(DECOY_MARKET, DECOY_JOB));
    const [row] = await direct.rows<{ wrong: string | null }>(sql`select app.plant_decoy() as wrong`);
    if (row?.wrong) {
      decoy.report({ place: 'rows', route: row.wrong });
      logger.error({ tables: row.wrong }, 'rows of the decoy market are not as they were planted');
    }
    await decoy.refresh();
  };
}
