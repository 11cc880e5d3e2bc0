import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';

const SHOWN = {
  ...{ id: true, at: true, surface: true, actorKind: true, actorId: true, actorName: true, dbRole: true },
  ...{ method: true, route: true, status: true, durationUs: true, operations: true, models: true },
  ...{ isRaw: true, isDenied: true, denials: true },
} as const;
const MARKET = { select: { nameEn: true, nameAr: true } } as const;

interface Filters {
  readonly receipt?: string;
  readonly market?: string;
  readonly actor?: string;
  readonly model?: string;
  readonly denied?: 'yes';
  readonly raw?: 'yes';
  readonly surface?: string;
  readonly support?: string;
}

/** Receipts of requests to the markets' side. Needs a staff scope; a partner sees those of support sessions. */
export function listReceipts(db: ScopedClient, list: ListQuery) {
  const { market, surface, support, ...rest } = list.filters as Filters;
  const where: Prisma.ReceiptWhereInput = {
    ...shared(rest),
    ...(market ? { marketId: market } : {}),
    ...(surface ? { surface } : {}),
    ...(support ? { supportSessionId: support } : {}),
  };
  const select = { ...SHOWN, marketId: true, supportSessionId: true, market: MARKET } as const;
  return paginate(list, where, (args) => db.receipt.findMany({ ...args, select }));
}

/** Receipts of requests without a market. Needs a staff scope. */
export function listPlatformReceipts(db: ScopedClient, list: ListQuery) {
  const where: Prisma.PlatformReceiptWhereInput = shared(list.filters as Filters);
  return paginate(list, where, (args) => db.platformReceipt.findMany({ ...args, select: SHOWN }));
}

function shared({ receipt, actor, model, denied, raw }: Filters) {
  return {
    ...(receipt ? byId(receipt) : {}),
    ...(actor ? { actorId: actor } : {}),
    ...(model ? { models: { has: model } } : {}),
    ...(denied ? { isDenied: true } : {}),
    ...(raw ? { isRaw: true } : {}),
  };
}

const HOUR = 3_600_000;

/** An id begins with its time (RFC 9562), and receipts are in order of time: so it is found without an index of its own. */
function byId(id: string) {
  const time = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  const at = { gte: new Date(time - HOUR), lte: new Date(time + HOUR) };
  return Number.isNaN(at.gte.getTime()) ? { id } : { id, at };
}

const SEEN = {
  ...{ id: true, at: true, method: true, route: true, status: true, operations: true, rowIds: true },
} as const;
/** More pages than anybody opens in an hour. */
const MOST_SEEN = 500;

/** What was looked at in a support session, in order: pages, and which rows of which model. Partners see their own market's. */
export const listSeen = (db: ScopedClient, supportSessionId: string) =>
  db.receipt.findMany({
    where: { supportSessionId },
    orderBy: [{ at: 'asc' }, { id: 'asc' }],
    take: MOST_SEEN,
    select: SEEN,
  });

/** One receipt, of whichever kind, or null. Needs a staff scope. */
export async function findReceipt(db: ScopedClient, id: string) {
  const select = { ...SHOWN, marketId: true, supportSessionId: true, rowIds: true, market: MARKET } as const;
  // By its time first; one whose time is not the id's is looked for without.
  for (const where of [byId(id), { id }]) {
    const found = await db.receipt.findFirst({ where, select });
    if (found) return found;
    const platform = await db.platformReceipt.findFirst({ where, select: SHOWN });
    if (platform) return withoutMarket(platform);
  }
  return null;
}

const withoutMarket = <Row extends object>(platform: Row) => ({
  ...platform,
  marketId: null,
  supportSessionId: null,
  rowIds: null,
  market: null,
});

/** How many receipts could not be kept, in all that is remembered. */
export async function countLost(db: ScopedClient): Promise<number> {
  const { _sum } = await db.receiptLoss.aggregate({ _sum: { lost: true } });
  return _sum.lost ?? 0;
}
