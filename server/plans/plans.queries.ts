import type { ScopedClient } from '../db/client.ts';
import { orNotFound } from '../http/ids.ts';

const CHANGES = 50;

/** All plans, with how many markets have each. Needs a staff scope. */
export const listPlansWithUse = (db: ScopedClient) =>
  db.plan.findMany({ orderBy: { position: 'asc' }, include: { _count: { select: { markets: true } } } });

/** A plan and what was changed about it, newest first. @throws AppError 404 */
export async function findPlan(db: ScopedClient, id: string) {
  return orNotFound(
    await db.plan.findUnique({
      where: { id },
      include: {
        _count: { select: { markets: true } },
        changes: {
          orderBy: [{ changedAt: 'desc' }, { id: 'desc' }],
          take: CHANGES,
          select: {
            ...{ id: true, changedAt: true, reason: true, changes: true },
            staffUser: { select: { name: true } },
          },
        },
      },
    }),
  );
}

/** The fields that a change was of: each with what was before and is after. */
export type PlanChanges = Record<string, { readonly from: number; readonly to: number }>;
