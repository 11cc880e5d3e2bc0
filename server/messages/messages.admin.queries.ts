import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';
import type { RecipientState } from './messages.input.ts';
import type { Counts } from './messages.queries.ts';

const ROW = {
  ...{ id: true, marketId: true, state: true, channels: true, size: true, sendAt: true, createdAt: true },
  ...{ finishedAt: true, trouble: true },
  offer: {
    select: {
      ...{ id: true, titleEn: true, titleAr: true },
      market: { select: { nameEn: true, nameAr: true } },
    },
  },
} as const satisfies Prisma.MessageCampaignSelect;

/** Campaigns of all markets, or of one, with how far each has come. Staff see no recipient here. */
export async function listCampaignsOfAll(db: ScopedClient, list: ListQuery) {
  const { state, market } = list.filters as { state?: string; market?: string };
  const where = { ...(state ? { state } : {}), ...(market ? { marketId: market } : {}) };
  const page = await paginate(list, where, (args) => db.messageCampaign.findMany({ ...args, select: ROW }));
  const counts = await countRecipients(db, page.rows);
  const rows = page.rows.map(({ offer: { market: names, ...offer }, ...row }) => ({
    ...{ ...row, offer, market: names, counts: counts.get(row.id) ?? {} },
  }));
  return { ...page, rows };
}

async function countRecipients(
  db: ScopedClient,
  rows: readonly { id: string }[],
): Promise<Map<string, Counts>> {
  const found = await db.messageRecipient.groupBy({
    by: ['campaignId', 'state'],
    where: { campaignId: { in: rows.map(({ id }) => id) } },
    _count: { _all: true },
  });
  const counts = new Map<string, Partial<Record<RecipientState, number>>>();
  for (const { campaignId, state, _count } of found) {
    counts.set(campaignId, { ...counts.get(campaignId), [state]: _count._all });
  }
  return counts;
}
