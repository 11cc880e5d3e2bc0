import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';

const ENTRY = {
  ...{ id: true, marketId: true, at: true, surface: true, actorKind: true, actorId: true, actorName: true },
  ...{ action: true, subjectType: true, subjectId: true, details: true, receipt: true },
  ...{ onBehalfOf: true, supportSessionId: true, changes: true },
  market: { select: { nameEn: true, nameAr: true } },
} as const satisfies Prisma.AuditEntrySelect;

/** Entries that the scope may see: a partner's market's own; for staff those of all markets, or of one. */
export function listAudit(db: ScopedClient, list: ListQuery) {
  return paginate(list, auditCondition(list), (args) => db.auditEntry.findMany({ ...args, select: ENTRY }));
}

const PLATFORM_ENTRY = {
  ...{ id: true, at: true, surface: true, actorKind: true, action: true, subjectType: true, subjectId: true },
  ...{ details: true, receipt: true, onBehalfOf: true, supportSessionId: true, changes: true },
  staffUser: { select: { name: true } },
} as const satisfies Prisma.PlatformAuditEntrySelect;

/** What staff did to the platform itself. Needs a staff scope. */
export function listPlatformAudit(db: ScopedClient, list: ListQuery) {
  const where = platformCondition(list);
  return paginate(list, where, (args) => db.platformAuditEntry.findMany({ ...args, select: PLATFORM_ENTRY }));
}

/**
 * Names of those for whom somebody acted on a page of entries, by what the trail calls them (`member:…`, `branch:…`). Who
 * is gone without a trace has none.
 */
export async function behalfNames(
  db: ScopedClient,
  rows: readonly { readonly onBehalfOf: string | null }[],
): Promise<Map<string, BehalfName>> {
  const named = (kind: string) => {
    const refs = rows.flatMap(({ onBehalfOf }) => (onBehalfOf?.startsWith(`${kind}:`) ? [onBehalfOf] : []));
    return [...new Set(refs)].map((ref) => ref.slice(kind.length + 1));
  };
  const [members, branches] = [named('member'), named('branch')];
  const found = members.length > 0 ? await db.teamMember.findMany(select(members, { name: true })) : [];
  const places =
    branches.length > 0 ? await db.branch.findMany(select(branches, { nameEn: true, nameAr: true })) : [];
  return new Map([
    ...found.map(({ id, name }) => [`member:${id}`, { nameEn: name, nameAr: name }] as const),
    ...places.map(({ id, nameEn, nameAr }) => [`branch:${id}`, { nameEn, nameAr }] as const),
  ]);
}

interface BehalfName {
  readonly nameEn: string;
  readonly nameAr: string;
}

const select = <Fields extends object>(ids: string[], fields: Fields) => ({
  ...{ where: { id: { in: ids } }, select: { id: true as const, ...fields } },
});

interface AuditFilters {
  readonly surface?: string;
  readonly market?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly receipt?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What a list's filters and words ask of entries of markets. */
export function auditCondition({
  q,
  filters,
}: Pick<ListQuery, 'q' | 'filters'>): Prisma.AuditEntryWhereInput {
  const { surface, market, actor, ...shared } = filters as AuditFilters;
  return {
    ...(surface ? { surface } : {}),
    ...(market ? { marketId: market } : {}),
    ...(actor ? { actorId: actor } : {}),
    ...sharedCondition(shared),
    ...words(q),
  };
}

/** The same for the platform's. */
export function platformCondition({ q, filters }: ListQuery): Prisma.PlatformAuditEntryWhereInput {
  const { actor, ...shared } = filters as AuditFilters;
  const named = actor ? { staffUserId: actor } : {};
  const said = q ? { OR: [{ action: { startsWith: q } }, { subjectId: q }] } : {};
  return { ...named, ...sharedCondition(shared), ...said };
}

function sharedCondition({ action, receipt, from, to }: AuditFilters) {
  // A whole action's name is looked up, the beginning of one is searched for.
  const named = action?.endsWith('.') ? { startsWith: action } : action;
  return {
    ...(named ? { action: named } : {}),
    ...(receipt ? { receipt } : {}),
    ...(from || to
      ? { at: { ...(from ? { gte: new Date(from) } : {}), ...(to ? { lt: behind(to) } : {}) } }
      : {}),
  };
}

const DAY = 86_400_000;

/** A day is meant as a whole. */
const behind = (to: string) => new Date(Date.parse(to) + (to.length === 10 ? DAY : 1));

/** Search is by what was done (`offer.`), by whose name, or by the id it was done to. */
const words = (q: string): Prisma.AuditEntryWhereInput =>
  q
    ? {
        OR: [
          { action: { startsWith: q } },
          { actorName: { contains: q, mode: 'insensitive' } },
          { subjectId: q },
          { receipt: q },
        ],
      }
    : {};
