import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import type { Scope } from '../market/scope.ts';
import { changesOf } from './changes.ts';

export { Hidden } from './changes.ts';

export interface AuditRecord {
  /** `noun.verb`, e.g. `offer.submit`. */
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId?: string | null;
  readonly details?: Prisma.InputJsonObject;
  /** Staff only: the market it concerns. Without one it is about the platform itself. */
  readonly marketId?: string;
  /** The thing as it was and as it is: the fields that differ are kept, secrets masked. */
  readonly before?: object | null;
  readonly after?: object | null;
  /** Who it was done for, where that is not who acts. Staff in a market's trail always act for the platform. */
  readonly onBehalfOf?: Behalf;
}

/** Pages say it in words; the trail keeps ids, because names change. */
export type Behalf = 'platform' | `member:${string}` | `branch:${string}`;

/**
 * Writes who did what, into the transaction of the change: call it with the `tx` of the write, so that
 * neither can exist without the other. `actor` replaces the client's own scope where that has no name yet.
 * `createMany` because a role may write entries that its scope can't read back.
 */
export async function recordAudit(
  tx: ScopedClient,
  record: AuditRecord,
  actor: Scope = tx.scope,
): Promise<void> {
  const marketId = record.marketId ?? tx.scope.marketId;
  if (marketId) return recordAudits(tx, [record], actor);
  const data = { ...whatOf(record, actor), staffUserId: actor.actor.id };
  await tx.platformAuditEntry.createMany({ data: [data] });
}

/** Several at once, of a market: what one statement has done to many rows. */
export async function recordAudits(
  tx: ScopedClient,
  records: readonly AuditRecord[],
  actor: Scope = tx.scope,
): Promise<void> {
  if (records.length === 0) return;
  const { kind: actorKind, id: actorId, name: actorName } = actor.actor;
  const who = { surface: actor.surface, actorKind, actorId, actorName };
  const forPlatform = actor.surface === 'admin' ? { onBehalfOf: 'platform' } : {};
  const data = records.map((record) => {
    const marketId = record.marketId ?? tx.scope.marketId!;
    return { ...forPlatform, ...whatOf(record, actor), ...who, marketId };
  });
  await tx.auditEntry.createMany({ data });
}

function whatOf(record: AuditRecord, actor: Scope) {
  const { action, subjectType, subjectId = null, details = {} } = record;
  return { action, subjectType, subjectId, details, receipt: actor.receipt, ...moreOf(record, actor) };
}

// Only what is there: some roles may write none of it.
function moreOf({ before, after, onBehalfOf }: AuditRecord, { support }: Scope) {
  const changes = changesOf(before, after) as Prisma.InputJsonObject | null;
  return {
    ...(changes ? { changes } : {}),
    ...(onBehalfOf ? { onBehalfOf } : {}),
    ...(support ? { supportSessionId: support.sessionId } : {}),
  };
}
