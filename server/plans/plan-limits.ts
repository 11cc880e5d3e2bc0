import type { ScopedClient } from '../db/client.ts';
import { busy, conflict } from '../errors.ts';

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

const TRIES = 4;

/**
 * Runs a write that a plan limits. Serializable, because two requests that each count and then add one would
 * both pass: PostgreSQL lets one of them win, and the other counts again.
 * @throws AppError 503 when the market is so busy that it never got its turn.
 */
export async function limited<Result>(
  db: ScopedClient,
  work: (tx: ScopedClient) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$transaction(work, { isolationLevel: 'Serializable' });
    } catch (error) {
      if ((error as { code?: string }).code !== 'P2034') throw error;
      if (attempt === TRIES) throw busy(error);
    }
  }
}

/**
 * Call inside of `limited`, after the change was made. The client's own check is a courtesy; this is the law.
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
