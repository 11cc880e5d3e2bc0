import type { z } from 'zod';
import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { ScopeRefusedError } from '../db/db.errors.ts';
import { conflict } from '../errors.ts';
import type { resolutionForm } from './conflicts.input.ts';
import { type ConflictId, findConflict } from './conflicts.queries.ts';

/**
 * Writes down what was decided about a conflict, once. The claim stays as it is: the decision is about what happened at
 * the till.
 * @throws AppError 404; 409 `conflict-decided`
 */
export function resolveConflict(
  db: ScopedClient,
  { deviceId, id }: ConflictId,
  { resolution, note }: z.output<typeof resolutionForm>,
): Promise<void> {
  return db.$transaction(async (tx) => {
    const { code, kind } = await findConflict(tx, { deviceId, id });
    await tx.redemption
      .updateMany({ where: { deviceId, id }, data: { resolution, resolutionNote: note } })
      .catch((error: unknown) => {
        if (error instanceof ScopeRefusedError && error.sqlState === 'BH030')
          throw conflict('conflict-decided');
        throw error;
      });
    await recordAudit(tx, {
      ...{ action: 'redemption.resolve', subjectType: 'redemption', subjectId: id },
      details: { code, kind, resolution, ...(note ? { note } : {}) },
      before: { resolution: null, resolutionNote: '' },
      after: { resolution, resolutionNote: note },
    });
  });
}
