import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { notFound } from '../errors.ts';

/** An operator has looked into it; it stays in the list. @throws AppError 404, also once somebody else has. */
export function acknowledgeDifference(db: ScopedClient, id: string, now: Date): Promise<void> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.layerDifference.updateMany({
      where: { id, acknowledgedAt: null },
      data: { acknowledgedAt: now, acknowledgedBy: tx.scope.actor.id },
    });
    if (count === 0) throw notFound();
    await recordAudit(tx, {
      ...{ action: 'isolation.acknowledge', subjectType: 'layers', subjectId: id },
      ...{ before: { acknowledgedAt: null }, after: { acknowledgedAt: now } },
    });
  });
}
