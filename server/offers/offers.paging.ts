import type { Prisma } from '../db/types.ts';
import { type ListQuery, type Page, paginate } from '../http/list-query.ts';

/** Stands for "no start given" in a cursor, which can't hold a null; later than any start that is accepted. */
const NEVER = new Date('9999-12-31T00:00:00.000Z');

interface Arguments {
  readonly where: Prisma.OfferWhereInput;
  readonly orderBy: Prisma.OfferOrderByWithRelationInput[];
  readonly take: number;
}

/**
 * As `paginate`, and also by the start, which may be missing: an offer without one stands behind all that have
 * one (before them when the order is reversed).
 */
export async function paginateOffers<Row extends { id: string; startsAt: Date | null }>(
  list: ListQuery,
  where: Prisma.OfferWhereInput,
  findMany: (args: Arguments) => PromiseLike<Row[]>,
): Promise<Page<Row>> {
  if (list.field !== 'startsOrNever') return paginate(list, where, (args) => findMany(args as Arguments));
  return paginate(list, where, async ({ orderBy, take }) => {
    const dir = orderBy[0]!.startsOrNever as 'asc' | 'desc';
    const rows = await findMany({
      where: { AND: [where, beyond(list, dir)] },
      orderBy: [{ startsAt: { sort: dir, nulls: dir === 'asc' ? 'last' : 'first' } }, { id: dir }],
      take,
    });
    return rows.map((row) => ({ ...row, startsOrNever: row.startsAt ?? NEVER }));
  });
}

/** The rows behind the cursor in this direction. */
function beyond({ cursor }: ListQuery, dir: 'asc' | 'desc'): Prisma.OfferWhereInput {
  if (!cursor) return {};
  const than = dir === 'asc' ? 'gt' : 'lt';
  const at = cursor.value as Date;
  const isNever = at.getTime() >= NEVER.getTime();
  const tie: Prisma.OfferWhereInput = { startsAt: isNever ? null : at, id: { [than]: cursor.id } };
  if (isNever) return dir === 'asc' ? tie : { OR: [{ startsAt: { not: null } }, tie] };
  const further: Prisma.OfferWhereInput = { startsAt: { [than]: at } };
  return dir === 'asc' ? { OR: [further, tie, { startsAt: null }] } : { OR: [further, tie] };
}
