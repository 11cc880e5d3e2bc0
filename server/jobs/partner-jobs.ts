import type { Deps } from '../deps.ts';
import { createUploads } from '../images/uploads.ts';
import { IMPORT_JOB } from '../imports/imports.service.ts';
import { MESSAGE_JOB } from '../messages/messages.service.ts';
import { BENCHMARKS_JOB, benchmarksJob } from './benchmarks.job.ts';
import { CLAIM_COHORTS_JOB, claimCohortsJob } from './claim-cohorts.job.ts';
import { DECOY_JOB, decoyJob } from './decoy.job.ts';
import { EVENT_CHECK_JOB, eventCheckJob } from './event-check.job.ts';
import { EVENT_MONTHS_JOB, eventMonthsJob } from './event-months.job.ts';
import { EVENT_ROLLUP_JOB, eventRollupJob } from './event-rollup.job.ts';
import { dueExportsJob, EXPORT_JOB, EXPORTS_JOB, exportJob } from './exports.job.ts';
import { importJob } from './import.job.ts';
import { LIMIT_CHECK_JOB, limitCheckJob } from './limit-check.job.ts';
import { dueMessagesJob, MESSAGES_JOB, messageJob } from './messages.job.ts';
import type { JobHandlers, Scheduled } from './queue.ts';
import { watchRollups } from './rollup-watch.ts';
import { SUPPORT_SESSIONS_JOB, supportSessionsJob } from './support-sessions.job.ts';

type JobDeps = Pick<
  Deps,
  | 'mailer'
  | 'messages'
  | 'decoy'
  | 'config'
  | 'database'
  | 'open'
  | 'uploadsDir'
  | 'clock'
  | 'logger'
  | 'queue'
>;

/** By the clock, in UTC. Months before the figures of the night are checked, benchmarks after that. */
const SCHEDULE: readonly Scheduled[] = [
  { name: EVENT_ROLLUP_JOB, when: '* * * * *' },
  { name: EVENT_MONTHS_JOB, when: '10 0 * * *' },
  { name: EVENT_CHECK_JOB, when: '20 2 * * *' },
  { name: LIMIT_CHECK_JOB, when: '50 2 * * *' },
  { name: BENCHMARKS_JOB, when: '40 3 * * *' },
  { name: CLAIM_COHORTS_JOB, when: '50 */3 * * *' },
  { name: EXPORTS_JOB, when: '*/5 * * * *' },
  { name: MESSAGES_JOB, when: '* * * * *' },
  { name: SUPPORT_SESSIONS_JOB, when: '* * * * *' },
  { name: DECOY_JOB, when: '25 * * * *' },
];

/** Begins to take the partner portal's jobs. @returns what ends it, gracefully. */
export async function startPartnerJobs(deps: JobDeps): Promise<() => Promise<void>> {
  const { queue, open } = deps;
  if (!open) throw new Error('The partner process has a public surface');
  await queue.start(handlers(deps, open), SCHEDULE);
  // At once, and not only at night: a new installation has no months yet, and what a stopped one left waits.
  for (const name of [EVENT_MONTHS_JOB, EVENT_ROLLUP_JOB, DECOY_JOB]) await queue.add(name, {}, name);
  const stopWatching = watchRollups({ events: open.events, queue, logger: deps.logger });
  return async () => {
    stopWatching();
    await queue.stop();
  };
}

function handlers(
  { config, database, uploadsDir, clock, logger, queue, mailer, messages, decoy }: JobDeps,
  { events, exports, channels, campaigns, plans, support, database: open }: NonNullable<Deps['open']>,
): JobHandlers {
  const tools = { database, clock, logger, events };
  const files = { ...tools, exports, queue, mailer, publicUrl: config.publicUrl };
  return {
    [IMPORT_JOB]: importJob({ ...tools, uploads: createUploads(uploadsDir) }),
    [EVENT_MONTHS_JOB]: eventMonthsJob({ ...tools, monthsKept: config.open!.eventMonthsKept }),
    [EVENT_ROLLUP_JOB]: eventRollupJob(tools),
    [EVENT_CHECK_JOB]: eventCheckJob(tools),
    [DECOY_JOB]: decoyJob({ database, decoy, logger }),
    [LIMIT_CHECK_JOB]: limitCheckJob({ database, plans, logger }),
    [BENCHMARKS_JOB]: benchmarksJob(tools),
    [CLAIM_COHORTS_JOB]: claimCohortsJob(tools),
    [EXPORTS_JOB]: dueExportsJob(files),
    [EXPORT_JOB]: exportJob(files),
    [SUPPORT_SESSIONS_JOB]: supportSessionsJob({ support, logger }),
    [MESSAGES_JOB]: dueMessagesJob({ gate: campaigns, queue, clock }),
    [MESSAGE_JOB]: messageJob({ ...tools, open, channels, messages }),
  };
}
