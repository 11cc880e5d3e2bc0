import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';
import { searchWhere } from '../market/fold.ts';

const SUMMARY = {
  ...{ id: true, nameEn: true, nameAr: true, city: true, phone: true, state: true, createdAt: true },
  _count: { select: { offers: true } },
} as const satisfies Prisma.BranchSelect;

/** One page of the market's branches. */
export function listBranches(db: ScopedClient, list: ListQuery) {
  const { state } = list.filters as { state?: string };
  const where: Prisma.BranchWhereInput = {
    ...(state ? { state } : {}),
    ...searchWhere(list.q),
  };
  return paginate(list, where, (args) => db.branch.findMany({ ...args, select: SUMMARY }));
}

/** A branch with the offers that hold there. @throws AppError 404 */
export async function findBranch(db: ScopedClient, id: string) {
  return orNotFound(
    await db.branch.findFirst({
      where: { id },
      include: {
        offers: {
          select: { offer: { select: { id: true, titleEn: true, titleAr: true, state: true } } },
          orderBy: { offerId: 'desc' },
          take: 50,
        },
      },
    }),
  );
}
