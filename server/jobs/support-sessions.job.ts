import type { SupportGate } from '../support/sessions/support-gate.ts';
import type { JobLog } from './log.ts';
import type { JobHandler } from './queue.ts';

export const SUPPORT_SESSIONS_JOB = 'support-sessions.expire';

/** Notes which support sessions time has ended. They show nothing from that moment on, whether or not this has run. */
export function supportSessionsJob({
  support,
  logger,
}: {
  support: SupportGate;
  logger: JobLog;
}): JobHandler {
  return async () => {
    const ended = await support.expire();
    if (ended > 0) logger.info({ ended }, 'support sessions have run out');
  };
}
