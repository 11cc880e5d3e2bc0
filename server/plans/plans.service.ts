import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { belowUse } from './below-use.ts';
import type { PlanInput } from './plans.input.ts';
import { findPlan, type PlanChanges } from './plans.queries.ts';
import { overruns } from './platform-usage.queries.ts';

/**
 * Changes what a plan costs and allows, from now on and for all its markets. Nothing is taken from those who have more.
 * @throws AppError 404; 409 `below-use` naming who would be over, unless that is accepted.
 */
export function updatePlan(db: ScopedClient, id: string, input: PlanInput, now: Date): Promise<void> {
  const { reason, acceptOverLimit, ...figures } = input;
  return db.$transaction(async (tx) => {
    const before = await findPlan(tx, id);
    const changes = changesOf(before, figures);
    if (Object.keys(changes).length === 0) return;
    const over = acceptOverLimit ? [] : await overruns(tx, id, figures, now);
    if (over.length > 0) throw belowUse(over);
    await tx.plan.updateMany({ where: { id }, data: figures });
    const staffUserId = tx.scope.actor.id;
    await tx.planChange.createMany({
      data: [{ id: uuid(), planId: id, staffUserId, changedAt: now, reason, changes }],
    });
    await recordAudit(tx, {
      ...{ action: 'plan.update', subjectType: 'plan', subjectId: id },
      details: { plan: id, ...inWords(changes), reason },
      ...{ before, after: figures },
    });
  });
}

const inWords = (changes: PlanChanges): Record<string, string> =>
  Object.fromEntries(Object.entries(changes).map(([field, { from, to }]) => [field, `${from} → ${to}`]));

type Figures = Omit<PlanInput, 'reason' | 'acceptOverLimit'>;

function changesOf(before: Figures, after: Figures): PlanChanges {
  const fields = Object.keys(after) as (keyof Figures)[];
  return Object.fromEntries(
    fields
      .filter((field) => before[field] !== after[field])
      .map((field) => [field, { from: before[field], to: after[field] }]),
  );
}
