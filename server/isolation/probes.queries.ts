import type { ScopedClient } from '../db/client.ts';
import { orNotFound } from '../http/ids.ts';
import type { ProbeResult } from './probe/round.ts';

const SHOWN = 50;
const shown = { id: true, at: true, source: true, attacks: true, breaches: true, durationMs: true } as const;

/** The last rounds, newest first. */
export async function lastProbes(db: ScopedClient, take = SHOWN) {
  return db.isolationProbe.findMany({ orderBy: [{ at: 'desc' }, { id: 'desc' }], take, select: shown });
}

/** One round with everything that came of it. */
export async function findProbe(db: ScopedClient, id: string) {
  const probe = await db.isolationProbe.findUnique({ where: { id }, select: { ...shown, result: true } });
  const { result, ...row } = orNotFound(probe);
  return { ...row, result: result as unknown as ProbeResult };
}

/** Markets that a round may be made over, or those of one. */
export async function isolationMarkets(db: ScopedClient, ids?: readonly string[]) {
  const where = ids ? { id: { in: [...ids] } } : { state: 'active' };
  const select = { id: true, nameEn: true, nameAr: true } as const;
  return db.market.findMany({ where, orderBy: { nameEn: 'asc' }, take: 200, select });
}
