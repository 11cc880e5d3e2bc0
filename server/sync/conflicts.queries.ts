import { readCode } from '../claims/claim-code.ts';
import { nameOf } from '../claims/claims.queries.ts';
import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';

const ROW = {
  ...{ id: true, marketId: true, deviceId: true, code: true, kind: true, claimId: true, redeemedAt: true },
  ...{ receivedAt: true, resolution: true, resolvedAt: true },
  device: { select: { name: true } },
  branch: { select: { id: true, nameEn: true, nameAr: true } },
} as const satisfies Prisma.RedemptionSelect;

const WITH_MARKET = {
  ...ROW,
  branch: {
    select: { id: true, nameEn: true, nameAr: true, market: { select: { nameEn: true, nameAr: true } } },
  },
} as const satisfies Prisma.RedemptionSelect;

interface Filters {
  readonly decided?: 'yes' | 'no';
  readonly kind?: string;
  readonly branch?: string;
  readonly market?: string;
}

/** Search is by a code or its beginning. */
function whereConflict({ q, filters }: ListQuery): Prisma.RedemptionWhereInput {
  const { decided, kind, branch, market } = filters as Filters;
  return {
    state: 'conflict',
    ...(decided ? { resolution: decided === 'yes' ? { not: null } : null } : {}),
    ...(kind ? { kind } : {}),
    ...(branch ? { branchId: branch } : {}),
    ...(market ? { marketId: market } : {}),
    ...(q === '' ? {} : { code: { startsWith: readCode(q).replace(/[\\%_]/g, '\\$&') || '-' } }),
  };
}

/** What tills redeemed and lost, the newest first. */
export function listConflicts(db: ScopedClient, list: ListQuery) {
  const where = whereConflict(list);
  return paginate(list, where, (args) => db.redemption.findMany({ ...args, select: ROW }));
}

/** The same with the market of each, for staff. */
export function listPlatformConflicts(db: ScopedClient, list: ListQuery) {
  const where = whereConflict(list);
  return paginate(list, where, (args) => db.redemption.findMany({ ...args, select: WITH_MARKET }));
}

/** How many wait for a decision. */
export const countOpenConflicts = (db: ScopedClient): Promise<number> =>
  db.redemption.count({ where: { state: 'conflict', resolution: null } });

/** A till's operation is named by the till and by the id that the till gave it. */
export interface ConflictId {
  readonly deviceId: string;
  readonly id: string;
}

/** One conflict with the claim that it is about, if any. @throws AppError 404 */
export async function findConflict(db: ScopedClient, { deviceId, id }: ConflictId) {
  const row = orNotFound(
    await db.redemption.findFirst({
      where: { deviceId, id, state: 'conflict' },
      select: {
        ...ROW,
        ...{ deviceAt: true, skewMs: true, resolutionNote: true, resolvedBy: true },
      },
    }),
  );
  const [claim, resolver] = await Promise.all([
    row.claimId ? findClaimOf(db, row.claimId) : null,
    nameOf(db, row.resolvedBy),
  ]);
  return { ...row, skewMs: Number(row.skewMs), claim, resolver };
}

/** The claim as it stands: by whom and where it was redeemed, if it was. It may be gone with its shopper. */
async function findClaimOf(db: ScopedClient, id: string) {
  const claim = await db.claim.findFirst({
    where: { id },
    select: {
      ...{ id: true, state: true, titleEn: true, titleAr: true, price: true, currency: true },
      ...{ expiresAt: true, redeemedAt: true, redeemedBy: true },
      branch: { select: { nameEn: true, nameAr: true } },
      device: { select: { name: true } },
    },
  });
  return claim && { ...claim, redeemer: claim.device?.name ?? (await nameOf(db, claim.redeemedBy)) };
}

/** Branches that a list of conflicts can be narrowed to. */
export const conflictBranches = (db: ScopedClient) =>
  db.branch.findMany({
    select: { id: true, nameEn: true, nameAr: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    take: 500,
  });

/** Markets that have any, for staff. */
export async function conflictMarkets(db: ScopedClient) {
  const found = await db.redemption.findMany({
    where: { state: 'conflict' },
    select: { marketId: true },
    distinct: ['marketId'],
    take: 500,
  });
  return db.market.findMany({
    where: { id: { in: found.map(({ marketId }) => marketId) } },
    select: { id: true, nameEn: true, nameAr: true },
    orderBy: { nameEn: 'asc' },
  });
}
