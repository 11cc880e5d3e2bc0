import { v7 as uuid } from 'uuid';
import { type AuditRecord, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { ScopeRefusedError } from '../db/db.errors.ts';
import { conflict, invalid } from '../errors.ts';
import { orNotFound } from '../http/ids.ts';
import type { Queue } from '../jobs/queue.ts';
import type { Channels } from './channel.ts';
import type { CampaignInput } from './messages.input.ts';
import { type Campaign, findCampaign } from './messages.queries.ts';

/** Sends one campaign; the payload is `{ marketId, campaignId }`. */
export const MESSAGE_JOB = 'messages.send';

export interface MessageTools {
  readonly channels: Channels;
  readonly queue: Pick<Queue, 'add'>;
  readonly clock: () => Date;
}

const audit = (
  tx: ScopedClient,
  action: string,
  id: string,
  states: Pick<AuditRecord, 'before' | 'after'>,
  details = {},
) => recordAudit(tx, { action, subjectType: 'message', subjectId: id, details, ...states });

/** What the trail tells of a draft. */
const draftOf = ({ offerId, channels, claimedDays, locale }: Campaign) => ({
  ...{ offerId, channels, claimedDays, locale },
});

/** A draft: what is sent, and to whom. @throws AppError 422 at `offerId` or `channels` */
export async function createCampaign(
  db: ScopedClient,
  tools: MessageTools,
  input: CampaignInput,
): Promise<string> {
  const id = uuid();
  await db.$transaction(async (tx) => {
    await check(tx, tools, input);
    const memberId = tx.scope.actor.id;
    await tx.messageCampaign.createMany({ data: [{ id, ...input, memberId, createdAt: tools.clock() }] });
    await audit(tx, 'message.create', id, { after: input }, { offerId: input.offerId });
  });
  return id;
}

/** @throws AppError 404; 409 `message-state` for one that is no draft any more; 422 at `offerId` or `channels` */
export async function updateCampaign(
  db: ScopedClient,
  tools: MessageTools,
  id: string,
  input: CampaignInput,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const before = draftOf(await findCampaign(tx, id));
    await check(tx, tools, input);
    const { count } = await tx.messageCampaign.updateMany({ where: { id, state: 'draft' }, data: input });
    if (count === 0) throw conflict('message-state');
    await audit(tx, 'message.update', id, { before, after: input });
  });
}

/** @throws AppError 404; 409 `message-state` */
export async function deleteCampaign(db: ScopedClient, id: string): Promise<void> {
  await db.$transaction(async (tx) => {
    const before = draftOf(await findCampaign(tx, id));
    const { count } = await tx.messageCampaign.deleteMany({ where: { id, state: 'draft' } });
    if (count === 0) throw conflict('message-state');
    await audit(tx, 'message.delete', id, { before });
  });
}

async function check(
  tx: ScopedClient,
  { channels, clock }: MessageTools,
  input: CampaignInput,
): Promise<void> {
  if (input.channels.some((name) => !channels[name])) throw invalid({ channels: 'messages:channelAbsent' });
  const offer = await tx.offer.findFirst({
    where: { id: input.offerId },
    select: { state: true, endsAt: true },
  });
  if (!offer) throw invalid({ offerId: 'form:notOffered' });
  const isOver = offer.endsAt !== null && offer.endsAt <= clock();
  if (offer.state !== 'live' || isOver) throw invalid({ offerId: 'messages:offerNotLive' });
}

export interface Confirmation {
  /** Null: at once. */
  readonly sendAt: Date | null;
  readonly most?: number | undefined;
}

const MOST_DAYS = 90;

/**
 * Fixes who receives it and takes as many messages out of the quota of the month that it is sent in, or does neither.
 * @returns how many will receive it.
 * @throws AppError 404; 409 `message-state`, `message-audience` (nobody, or more than `most`), `plan-limit`; 422 at `sendAt`
 */
export async function confirmCampaign(
  db: ScopedClient,
  { channels, queue, clock }: MessageTools,
  id: string,
  { sendAt, most }: Confirmation,
): Promise<number> {
  if (sendAt && sendAt.getTime() > clock().getTime() + MOST_DAYS * 86_400_000)
    throw invalid({ sendAt: ['messages:tooFar', { count: MOST_DAYS }] });
  const size = await db.$transaction(async (tx) => {
    const campaign = await findCampaign(tx, id);
    if (campaign.channels.some((name) => !channels[name as keyof Channels]))
      throw invalid({ channels: 'messages:channelAbsent' });
    const at = sendAt ?? clock();
    const [row] = await refusing(
      () => tx.$queryRaw<{ size: number }[]>`
        select app.confirm_messages(${id}::uuid, ${at}::timestamptz, ${most ?? null}::int) as size`,
    );
    const { state, sendAt: before } = campaign;
    const states = { before: { state, sendAt: before }, after: { state: 'scheduled', sendAt: at } };
    await audit(tx, 'message.confirm', id, states, { size: row!.size, sendAt: at.toISOString() });
    return row!.size;
  });
  if (!sendAt || sendAt <= clock()) await place(db, queue, id);
  return size;
}

/** The clock finds it too, within a minute: a queue that is away for a moment loses nothing. */
async function place(db: ScopedClient, queue: Pick<Queue, 'add'>, id: string): Promise<void> {
  const { marketId } = db.scope;
  await queue.add(MESSAGE_JOB, { marketId, campaignId: id }, `${MESSAGE_JOB}:${id}`).catch(() => undefined);
}

/** Nothing of it goes out from now on but what is with a provider already. @throws AppError 404; 409 `message-state` */
export async function cancelCampaign(db: ScopedClient, id: string): Promise<number> {
  return db.$transaction(async (tx) => {
    const { state } = await findCampaign(tx, id);
    const [row] = await refusing(
      () => tx.$queryRaw<{ dropped: number }[]>`select app.cancel_messages(${id}::uuid) as dropped`,
    );
    const states = { before: { state }, after: { state: 'cancelled' } };
    await audit(tx, 'message.cancel', id, states, { dropped: row!.dropped });
    return row!.dropped;
  });
}

/**
 * A person's word on a message that nothing else can tell: it arrived, or it is sent again.
 * @throws AppError 404; 409 `message-known`, `message-offer`, `plan-limit`
 */
export async function resolveRecipient(
  db: ScopedClient,
  { queue }: Pick<MessageTools, 'queue'>,
  campaignId: string,
  recipientId: string,
  verdict: 'sent' | 'again',
): Promise<void> {
  await db.$transaction(async (tx) => {
    const where = { id: recipientId, campaignId };
    const before = orNotFound(await tx.messageRecipient.findFirst({ where, select: { state: true } }));
    await refusing(
      () => tx.$queryRaw`select app.resolve_message(${recipientId}::uuid, ${verdict})::text`,
      'message-offer',
    );
    const after = await tx.messageRecipient.findFirst({ where, select: { state: true } });
    const action = `message.${verdict === 'sent' ? 'mark-sent' : 'send-again'}`;
    await audit(tx, action, campaignId, { before, after }, { recipientId });
  });
  if (verdict === 'again') await place(db, queue, campaignId);
}

/** What the functions of the database raise, as an answer. */
async function refusing<Result>(work: () => Promise<Result>, offer?: string): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    switch (error instanceof ScopeRefusedError && error.sqlState) {
      case 'BH040':
        throw conflict('message-state');
      case 'BH041':
        throw offer ? conflict(offer) : invalid({ sendAt: 'messages:offerNotThen' });
      case 'BH042':
        throw conflict('message-nobody');
      case 'BH043':
        throw conflict('message-grown');
      case 'BH044':
        throw conflict('message-known');
      default:
        throw error;
    }
  }
}
