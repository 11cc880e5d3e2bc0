import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';

const ENTRY = {
  ...{ id: true, marketId: true, at: true, surface: true, actorKind: true, actorName: true, action: true },
  ...{ subjectType: true, subjectId: true, details: true, receipt: true },
  market: { select: { nameEn: true, nameAr: true } },
} as const satisfies Prisma.AuditEntrySelect;

/** Entries that the scope may see: a partner's market's own; for staff those of all markets, or of one. */
export function listAudit(db: ScopedClient, list: ListQuery) {
  const { surface, market } = list.filters as { surface?: string; market?: string };
  const where: Prisma.AuditEntryWhereInput = {
    ...(surface ? { surface } : {}),
    ...(market ? { marketId: market } : {}),
    ...words(list.q),
  };
  return paginate(list, where, (args) => db.auditEntry.findMany({ ...args, select: ENTRY }));
}

const PLATFORM_ENTRY = {
  ...{ id: true, at: true, action: true, subjectType: true, subjectId: true, details: true, receipt: true },
  staffUser: { select: { name: true } },
} as const satisfies Prisma.PlatformAuditEntrySelect;

/** What staff did to the platform itself. Needs a staff scope. */
export function listPlatformAudit(db: ScopedClient, list: ListQuery) {
  const where: Prisma.PlatformAuditEntryWhereInput = list.q ? { action: { startsWith: list.q } } : {};
  return paginate(list, where, (args) => db.platformAuditEntry.findMany({ ...args, select: PLATFORM_ENTRY }));
}

/** Search is by what was done (`offer.`), by whose name, or by the id it was done to. */
const words = (q: string): Prisma.AuditEntryWhereInput =>
  q
    ? {
        OR: [
          { action: { startsWith: q } },
          { actorName: { contains: q, mode: 'insensitive' } },
          { subjectId: q },
        ],
      }
    : {};
