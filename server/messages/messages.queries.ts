import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';
import { limitUse } from '../plans/usage.queries.ts';
import type { ChannelName } from './channel.ts';
import type { CampaignInput, RecipientState } from './messages.input.ts';

const offer = { select: { id: true, titleEn: true, titleAr: true } } as const;

const ROW = {
  ...{
    id: true,
    offerId: true,
    state: true,
    channels: true,
    claimedDays: true,
    locale: true,
    size: true,
    sendAt: true,
  },
  ...{ createdAt: true, startedAt: true, finishedAt: true, trouble: true, resumeAt: true, confirmedBy: true },
  offer,
  member: { select: { id: true, name: true } },
} as const satisfies Prisma.MessageCampaignSelect;

export type CampaignRow = Prisma.MessageCampaignGetPayload<{ select: typeof ROW }>;
export type Counts = Readonly<Partial<Record<RecipientState, number>>>;
export type Campaign = CampaignRow & { readonly counts: Counts };

/** One page of a market's campaigns with how far each has come. Analysts see the same. */
export async function listCampaigns(db: ScopedClient, list: ListQuery) {
  const { state } = list.filters as { state?: string };
  const page = await paginate(list, state ? { state } : {}, (args) =>
    db.messageCampaign.findMany({ ...args, select: ROW }),
  );
  const counts = await countMessages(db, page.rows);
  return { ...page, rows: page.rows.map((row) => ({ ...row, counts: counts.get(row.id) ?? {} })) };
}

/** @throws AppError 404 */
export async function findCampaign(db: ScopedClient, id: string): Promise<Campaign> {
  const row = orNotFound(await db.messageCampaign.findFirst({ where: { id }, select: ROW }));
  const counts = await countMessages(db, [row]);
  return { ...row, counts: counts.get(row.id) ?? {} };
}

interface CountRow {
  readonly campaign_id: string;
  readonly state: RecipientState;
  readonly number: number;
}

async function countMessages(
  db: ScopedClient,
  rows: readonly { id: string }[],
): Promise<Map<string, Counts>> {
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const found = await db.$queryRaw<CountRow[]>`
    select campaign_id, state, sum(number)::int as number from app.count_messages(${ids}::uuid[]) group by 1, 2`;
  return collect(found);
}

function collect(found: readonly CountRow[]): Map<string, Counts> {
  const counts = new Map<string, Record<string, number>>();
  for (const { campaign_id, state, number } of found) {
    counts.set(campaign_id, { ...counts.get(campaign_id), [state]: number });
  }
  return counts;
}

export interface AudienceCount {
  readonly channel: ChannelName;
  readonly locale: 'en' | 'ar';
  readonly number: number;
}

type Audience = Pick<CampaignInput, 'channels' | 'claimedDays' | 'locale'>;

/** Whom a campaign asks for, as the table's checks keep it. */
export const audienceOf = ({ channels, claimedDays, locale }: CampaignRow): Audience => ({
  ...{ channels: channels as ChannelName[], claimedDays, locale: locale as Audience['locale'] },
});

/** How many a campaign would reach now, by channel and language. Only a manager sees anybody. */
export function countAudience(
  db: ScopedClient,
  { channels, claimedDays, locale }: Audience,
): Promise<AudienceCount[]> {
  return db.$queryRaw<AudienceCount[]>`
    select channel, locale, count(*)::int as number
    from app.message_audience(${channels}::text[], ${claimedDays}::int, ${locale}::text) group by 1, 2 order by 1, 2`;
}

export const sizeOf = (audience: readonly AudienceCount[]): number =>
  audience.reduce((sum, { number }) => sum + number, 0);

/** What this month's quota has, and has left. */
export async function messageQuota(db: ScopedClient, now: Date) {
  const { messages } = await limitUse(db, now);
  const { use, cap, month, state } = messages;
  return { name: 'messages', use, cap, month, state, left: Math.max(cap - use, 0) } as const;
}

const RECIPIENT = {
  ...{ id: true, shopperId: true, channel: true, locale: true, state: true, reason: true, attempts: true },
  ...{ queuedAt: true, attemptedAt: true, sentAt: true, deliveredAt: true, readAt: true, resolvedBy: true },
} as const satisfies Prisma.MessageRecipientSelect;

/** The address is there only where a policy shows it: to managers, of shoppers who are opted in now. */
const WITH_SHOPPER = {
  ...RECIPIENT,
  shopper: { select: { contact: { select: { email: true } }, phone: { select: { phone: true } } } },
} as const satisfies Prisma.MessageRecipientSelect;

export type RecipientRow = Prisma.MessageRecipientGetPayload<{ select: typeof WITH_SHOPPER }>;

function whereRecipients(campaignId: string, list: ListQuery): Prisma.MessageRecipientWhereInput {
  const { state, channel } = list.filters as { state?: string; channel?: string };
  return { campaignId, ...(state ? { state } : {}), ...(channel ? { channel } : {}) };
}

/** One page of who a campaign is sent to, for managers. */
export async function listRecipients(db: ScopedClient, campaignId: string, list: ListQuery) {
  const page = await paginate(list, whereRecipients(campaignId, list), (args) =>
    db.messageRecipient.findMany({ ...args, select: WITH_SHOPPER }),
  );
  return {
    ...page,
    rows: page.rows.map(({ shopper, ...row }) => ({ ...row, address: addressOf(row.channel, shopper) })),
  };
}

const addressOf = (channel: string, shopper: RecipientRow['shopper']): string | null =>
  (channel === 'email' ? shopper?.contact?.email : shopper?.phone?.phone) ?? null;

/** A live offer, and its market, for the words of a message. @throws AppError 404 */
export async function findOfferFacts(db: ScopedClient, offerId: string) {
  const found = orNotFound(
    await db.offer.findFirst({
      where: { id: offerId },
      select: {
        ...{ id: true, state: true, titleEn: true, titleAr: true, textEn: true, textAr: true, price: true },
        ...{ oldPrice: true, currency: true, startsAt: true, endsAt: true },
        market: { select: { slug: true, nameEn: true, nameAr: true, timeZone: true } },
      },
    }),
  );
  const { market, id, ...rest } = found;
  return { ...rest, ...market, offerId: id };
}

/** Offers that may be sent: live, and not over. */
export function sendableOffers(db: ScopedClient, now: Date) {
  return db.offer.findMany({
    where: { state: 'live', OR: [{ endsAt: null }, { endsAt: { gt: now } }] },
    select: offer.select,
    orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
    take: 200,
  });
}
