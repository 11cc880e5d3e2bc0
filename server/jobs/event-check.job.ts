import { addDays } from '../analytics/calendar.ts';
import type { Database } from '../db/client.ts';
import { type Direct, sql } from '../db/direct.ts';
import type { EventGate } from '../events/event-gate.ts';
import { isTooLong } from './event-rollup.job.ts';
import { marketJobScope } from './job-scope.ts';
import type { JobLog } from './log.ts';
import { type JobHandler, JobInterrupted } from './queue.ts';

export const EVENT_CHECK_JOB = 'events.check';

/** Late events are accepted for seven days; a day more on both sides of them. */
const DAYS = 9;

interface EventCheckTools {
  readonly database: Pick<Database, 'direct'>;
  readonly events: Pick<EventGate, 'rolledUpMarkets'>;
  readonly logger: JobLog;
}

/** Holds every market's figures of the last days against its events. What differs is logged, and kept for staff to see. */
export function eventCheckJob({ database, events, logger }: EventCheckTools): JobHandler {
  return async (_payload, { signal }) => {
    for (const marketId of await events.rolledUpMarkets()) {
      if (signal.aborted) throw new JobInterrupted();
      try {
        const differences = await checkMarket(database.direct(marketJobScope(marketId, EVENT_CHECK_JOB)));
        if (differences > 0) logger.error({ marketId, differences }, 'figures differ from the events');
      } catch (error) {
        logger.error({ err: error, marketId }, 'figures could not be checked');
      }
    }
  };
}

/** @returns in how many days and kinds the figures differ. */
async function checkMarket(direct: Direct): Promise<number> {
  const today = await todayOf(direct);
  try {
    await check(direct, addDays(today, -DAYS), today);
  } catch (error) {
    if (!isTooLong(error)) throw error;
    for (let day = DAYS; day >= 0; day--) await check(direct, addDays(today, -day), addDays(today, -day));
  }
  // A difference stays until a check of its day finds none, however long ago that is.
  for (const { day } of await known(direct)) if (day < addDays(today, -DAYS)) await check(direct, day, day);
  return (await known(direct)).reduce((sum, { number }) => sum + number, 0);
}

async function check(direct: Direct, from: string, to: string): Promise<void> {
  await direct.rows(sql`select app.check_rollup(${from}::date, ${to}::date) is null as unchecked`);
}

async function todayOf(direct: Direct): Promise<string> {
  const [row] = await direct.rows<{ day: string }>(
    sql`select (current_timestamp at time zone market.time_zone)::date as day from market where market.id = ${direct.scope.marketId}`,
  );
  return row!.day;
}

const known = (direct: Direct) =>
  direct.rows<{ day: string; number: number }>(sql`
    select each ->> 'day' as day, count(*) as number
    from rollup_state as state, jsonb_array_elements(state.differences) as each
    where state.market_id = ${direct.scope.marketId} group by 1`);
