import type { ScopedClient } from '../../db/client.ts';
import type { Prisma } from '../../db/types.ts';
import { notFound } from '../../errors.ts';
import { isId, orNotFound } from '../../http/ids.ts';
import { type ListQuery, paginate } from '../../http/list-query.ts';
import { stateOf } from './session-state.ts';

/** What a market may know of a session: why, when, by which role; not by whom. */
const SHOWN = {
  ...{ id: true, marketId: true, staffRole: true, reason: true, ticket: true, minutes: true, consent: true },
  ...{ requestedAt: true, decidedAt: true, decidedBy: true, openedAt: true, expiresAt: true },
  ...{ endedAt: true, endReason: true },
} as const satisfies Prisma.SupportSessionSelect;

/** And what staff may. */
const FOR_STAFF = {
  ...SHOWN,
  staffUserId: true,
  staffUser: { select: { name: true } },
  market: { select: { nameEn: true, nameAr: true, supportConsent: true } },
} as const satisfies Prisma.SupportSessionSelect;

const described = <Row extends Parameters<typeof stateOf>[0]>(row: Row, now: Date) => ({
  ...row,
  state: stateOf(row, now),
});

function whereOf(list: ListQuery): Prisma.SupportSessionWhereInput {
  const { going, market } = list.filters as { going?: string; market?: string };
  return {
    ...(going === 'current' ? { endedAt: null } : {}),
    ...(going === 'over' ? { endedAt: { not: null } } : {}),
    ...(market ? { marketId: market } : {}),
    ...(list.q ? { ticket: { startsWith: list.q } } : {}),
  };
}

/** One page of a market's access log. */
export async function listAccess(db: ScopedClient, list: ListQuery, now: Date) {
  const find = (args: object) => db.supportSession.findMany({ ...args, select: SHOWN });
  const page = await paginate(list, whereOf(list), find);
  return { ...page, rows: page.rows.map((row) => described(row, now)) };
}

/** @throws AppError 404 */
export async function findAccess(db: ScopedClient, id: string, now: Date) {
  if (!isId(id)) throw notFound();
  return described(orNotFound(await db.supportSession.findFirst({ where: { id }, select: SHOWN })), now);
}

/** One page of the sessions of all markets, or of one. Needs a staff scope. */
export async function listSupportSessions(db: ScopedClient, list: ListQuery, now: Date) {
  const find = (args: object) => db.supportSession.findMany({ ...args, select: FOR_STAFF });
  const page = await paginate(list, whereOf(list), find);
  return { ...page, rows: page.rows.map((row) => described(row, now)) };
}

/** Needs a staff scope. @throws AppError 404 */
export async function findSupportSession(db: ScopedClient, id: string, now: Date) {
  if (!isId(id)) throw notFound();
  return described(orNotFound(await db.supportSession.findFirst({ where: { id }, select: FOR_STAFF })), now);
}

const NAMES = { id: true, nameEn: true, nameAr: true } as const;

/** Markets that there are sessions of, for a filter. */
export const marketsWithSessions = (db: ScopedClient) =>
  db.market.findMany({ where: { supportSessions: { some: {} } }, orderBy: { nameEn: 'asc' }, select: NAMES });

/** What is asked of a market before it is looked at. @throws AppError 404 */
export const findLookedAt = async (db: ScopedClient, id: string) =>
  orNotFound(
    await db.market.findFirst({ where: { id }, select: { ...NAMES, state: true, supportConsent: true } }),
  );

/** Who of a market is told about a session: those who can stop it. */
export const toldMembers = (db: ScopedClient, marketId: string) =>
  db.teamMember.findMany({
    where: { marketId, state: 'active', role: { in: ['owner', 'manager'] } },
    select: { email: true, locale: true },
  });
