import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import type { Scope } from '../market/scope.ts';

export interface AuditRecord {
  /** `noun.verb`, e.g. `offer.submit`. */
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId?: string | null;
  readonly details?: Prisma.InputJsonObject;
  /** Staff only: the market it concerns. Without one it is about the platform itself. */
  readonly marketId?: string;
}

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
  const { action, subjectType, subjectId = null, details = {} } = record;
  const what = { action, subjectType, subjectId, details, receipt: actor.receipt };
  const marketId = record.marketId ?? tx.scope.marketId;
  if (!marketId) {
    await tx.platformAuditEntry.createMany({ data: [{ ...what, staffUserId: actor.actor.id }] });
    return;
  }
  const { kind: actorKind, id: actorId, name: actorName } = actor.actor;
  const who = { surface: actor.surface, actorKind, actorId, actorName };
  await tx.auditEntry.createMany({ data: [{ ...what, ...who, marketId }] });
}
