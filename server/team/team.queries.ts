import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';

const MEMBER = {
  ...{ id: true, name: true, email: true, role: true, state: true },
  ...{ invitedAt: true, invitationEndsAt: true, joinedAt: true, locale: true },
} as const satisfies Prisma.TeamMemberSelect;

/** One page of the market's team; removed members only when asked for. */
export function listTeam(db: ScopedClient, list: ListQuery) {
  const { state, role } = list.filters as { state?: string; role?: string };
  const where: Prisma.TeamMemberWhereInput = {
    state: state ?? { not: 'removed' },
    ...(role ? { role } : {}),
    ...(list.q
      ? { OR: [{ name: { contains: list.q, mode: 'insensitive' } }, { email: { contains: list.q } }] }
      : {}),
  };
  return paginate(list, where, (args) => db.teamMember.findMany({ ...args, select: MEMBER }));
}

/** @throws AppError 404 */
export async function findMember(db: ScopedClient, id: string) {
  return orNotFound(await db.teamMember.findFirst({ where: { id }, select: MEMBER }));
}
