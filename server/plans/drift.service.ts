import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { notFound } from '../errors.ts';

/** An operator has seen it; it stays in the list. @throws AppError 404, also once somebody else has. */
export function acknowledgeDrift(db: ScopedClient, marketId: string, id: string, now: Date): Promise<void> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.limitDrift.updateMany({
      where: { marketId, id, acknowledgedAt: null },
      data: { acknowledgedAt: now, acknowledgedBy: tx.scope.actor.id },
    });
    if (count === 0) throw notFound();
    const seen = { before: { acknowledgedAt: null }, after: { acknowledgedAt: now } };
    const subject = { subjectType: 'market', subjectId: marketId, marketId };
    await recordAudit(tx, { action: 'limit.acknowledge-drift', ...subject, details: { drift: id }, ...seen });
  });
}
