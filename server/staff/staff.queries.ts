import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';

const STAFF = {
  ...{ id: true, name: true, email: true, role: true, state: true, locale: true, createdAt: true },
} as const satisfies Prisma.StaffUserSelect;

/** One page of the platform's staff. */
export function listStaff(db: ScopedClient, list: ListQuery) {
  const { role, state } = list.filters as { role?: string; state?: string };
  const where: Prisma.StaffUserWhereInput = {
    ...(role ? { role } : {}),
    ...(state ? { state } : {}),
    ...(list.q
      ? { OR: [{ name: { contains: list.q, mode: 'insensitive' } }, { email: { contains: list.q } }] }
      : {}),
  };
  return paginate(list, where, (args) => db.staffUser.findMany({ ...args, select: STAFF }));
}

/** @throws AppError 404 */
export async function findStaff(db: ScopedClient, id: string) {
  return orNotFound(await db.staffUser.findFirst({ where: { id }, select: STAFF }));
}
