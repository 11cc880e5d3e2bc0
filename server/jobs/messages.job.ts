import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { UUID } from '../http/ids.ts';
import type { Messages } from '../i18n/i18n.ts';
import type { Channels } from '../messages/channel.ts';
import type { MessageGate } from '../messages/message-gate.ts';
import { MESSAGE_JOB } from '../messages/messages.service.ts';
import { sendCampaign } from '../messages/send-campaign.ts';
import { marketJobScope } from './job-scope.ts';
import type { JobLog } from './log.ts';
import { type JobHandler, JobInterrupted, type Queue } from './queue.ts';

/** Looks which campaigns are due. */
export const MESSAGES_JOB = 'messages.due';

/** Longer than any provider is waited for, with room for its webhook. */
const LOST_AFTER = 300;

interface MessageTools {
  readonly database: Pick<Database, 'direct'>;
  readonly open: Pick<Database, 'direct'>;
  readonly channels: Channels;
  readonly messages: Messages;
  readonly logger: JobLog;
  readonly lostAfter?: number;
}

interface DueTools {
  readonly gate: MessageGate;
  readonly queue: Pick<Queue, 'add'>;
  readonly clock: () => Date;
}

/** Places a job for each campaign that has something to send, one a campaign however often this runs. */
export function dueMessagesJob({ gate, queue, clock }: DueTools): JobHandler {
  return async () => {
    for (const due of await gate.due(clock()))
      await queue.add(MESSAGE_JOB, due, `${MESSAGE_JOB}:${due.campaignId}`);
  };
}

const payloadSchema = z.object({ marketId: z.string().regex(UUID), campaignId: z.string().regex(UUID) });

/** Sends one campaign under a scope of its market that no request can have. A forged payload can only send what is due. */
export function messageJob(tools: MessageTools): JobHandler {
  const { database, logger, lostAfter = LOST_AFTER } = tools;
  return async (payload, { signal }) => {
    const read = payloadSchema.safeParse(payload);
    if (!read.success) return logger.warn({}, 'message job with a payload that is none');
    const { marketId, campaignId } = read.data;
    const direct = database.direct(marketJobScope(marketId, campaignId));
    const outcome = await sendCampaign({ ...tools, direct, signal, lostAfter }, campaignId);
    if (outcome) logger.info({ campaignId, outcome }, 'campaign finished');
    else if (signal.aborted) throw new JobInterrupted();
  };
}
