import type { ScopedClient } from '../db/client.ts';
import { conflict } from '../errors.ts';

/** What a plan limits, the column that says how much, and how it is counted now. */
const LIMITS = {
  branches: {
    column: 'maxBranches',
    count: (tx: ScopedClient) => tx.branch.count({ where: { state: 'open' } }),
  },
  members: {
    column: 'maxTeamMembers',
    count: (tx: ScopedClient) => tx.teamMember.count({ where: { state: { in: ['active', 'invited'] } } }),
  },
} as const;

export type LimitName = keyof typeof LIMITS;

/**
 * Call inside of `oneByOne`, after the change was made: two that each count first would both pass. The client's own check is a courtesy; this is the law.
 * @throws AppError 409 `<name>-limit` with the limit.
 */
export async function checkLimit(tx: ScopedClient, name: LimitName): Promise<void> {
  const { column, count } = LIMITS[name];
  const market = await tx.market.findFirstOrThrow({ select: { plan: true } });
  const limit = market.plan[column];
  if ((await count(tx)) > limit) throw conflict(`${name}-limit`, { limit });
}

/** How much of the limit is used: for pages that warn before the server refuses. */
export async function limitUse(db: ScopedClient, name: LimitName): Promise<{ used: number; limit: number }> {
  const { column, count } = LIMITS[name];
  const [market, used] = await Promise.all([
    db.market.findFirstOrThrow({ select: { plan: true } }),
    count(db),
  ]);
  return { used, limit: market.plan[column] };
}
