import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';
import { searchWhere } from '../market/fold.ts';

const SUMMARY = {
  ...{ id: true, slug: true, nameEn: true, nameAr: true, state: true, planId: true, currency: true },
  ...{ timeZone: true, locale: true, isDemo: true, createdAt: true },
  plan: { select: { nameEn: true, nameAr: true } },
  _count: { select: { branches: true, offers: true, members: true } },
} as const satisfies Prisma.MarketSelect;

function condition(list: ListQuery): Prisma.MarketWhereInput {
  const { state, plan } = list.filters as { state?: string; plan?: string };
  return { ...(state ? { state } : {}), ...(plan ? { planId: plan } : {}), ...searchWhere(list.q) };
}

/** One page of markets. Needs a staff scope: any other sees at most its own. */
export function listMarkets(db: ScopedClient, list: ListQuery) {
  return paginate(list, condition(list), (args) => db.market.findMany({ ...args, select: SUMMARY }));
}

export type MarketSummary = Awaited<ReturnType<typeof listMarkets>>['rows'][number];

const CHUNK = 200;

/** All markets that the list's filters leave, in the order of their ids, a chunk at a time: memory stays flat. */
export async function* everyMarket(db: ScopedClient, list: ListQuery): AsyncGenerator<MarketSummary> {
  const where = condition(list);
  for (let after: string | null = null; ; ) {
    const rows: MarketSummary[] = await db.market.findMany({
      where: after ? { AND: [where, { id: { gt: after } }] } : where,
      orderBy: { id: 'asc' },
      take: CHUNK,
      select: SUMMARY,
    });
    yield* rows;
    after = rows.at(-1)?.id ?? null;
    if (rows.length < CHUNK) return;
  }
}

/** A market with its plan, its team and how much it uses. @throws AppError 404 */
export async function findMarket(db: ScopedClient, id: string) {
  return orNotFound(
    await db.market.findFirst({
      where: { id },
      include: {
        plan: true,
        members: {
          where: { state: { not: 'removed' } },
          orderBy: [{ role: 'desc' }, { name: 'asc' }],
          select: { id: true, name: true, email: true, role: true, state: true, invitationEndsAt: true },
        },
        _count: { select: { branches: true, offers: true, imports: true } },
      },
    }),
  );
}

export const listPlans = (db: ScopedClient) => db.plan.findMany({ orderBy: { position: 'asc' } });
