import { z } from 'zod';
import type { Database, ScopedClient } from '../db/client.ts';
import { UUID } from '../http/ids.ts';
import { type MarketRole, NOBODY, type Scope } from '../market/scope.ts';

/** Who a job acts for. All that a payload can do is name them: it is believed in nothing else. */
export const jobActor = z.object({
  marketId: z.string().regex(UUID),
  memberId: z.string().regex(UUID),
});

/**
 * The client that a job works with, under the scope of the member who asked for it, as that member is now. A payload
 * that was forged, or names another market's rows, gets no further than the market it names.
 * @returns null when the member may not write any more, or the market is not active: the job has nothing to do.
 */
export async function jobClient(
  database: Database,
  { marketId, memberId }: z.output<typeof jobActor>,
  receipt: string,
): Promise<ScopedClient | null> {
  const asked = { kind: 'partner', id: memberId, role: 'analyst', name: '' } as const;
  // The least role there is: it can only look itself up.
  const least = database.scoped({ surface: 'partner', marketId, actor: asked, receipt });
  const member = await least.teamMember.findFirst({
    where: { id: memberId, state: 'active', role: { in: ['owner', 'manager'] }, market: { state: 'active' } },
    select: { role: true, name: true },
  });
  if (!member) return null;
  const actor = { ...asked, role: member.role as MarketRole, name: member.name };
  return database.scoped({ surface: 'partner', marketId, actor, receipt });
}

/** The scope of a job that works for a market itself, on nobody's behalf: it may read, and have figures counted. */
export function marketJobScope(marketId: string, receipt: string): Scope {
  return {
    surface: 'partner',
    marketId,
    actor: { kind: 'job', id: NOBODY, role: 'none', name: 'job' },
    receipt,
  };
}
