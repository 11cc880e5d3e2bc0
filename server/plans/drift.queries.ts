import type { ScopedClient } from '../db/client.ts';

const SHOWN = 100;

/** Counters that were found wrong: those that nobody has acknowledged first, then the newest. Needs a staff scope. */
export function listDrifts(db: ScopedClient) {
  return db.limitDrift.findMany({
    orderBy: [{ acknowledgedAt: { sort: 'asc', nulls: 'first' } }, { foundAt: 'desc' }, { id: 'desc' }],
    take: SHOWN,
    select: {
      ...{ id: true, name: true, period: true, recorded: true, counted: true, foundAt: true },
      ...{ acknowledgedAt: true, market: { select: { id: true, nameEn: true, nameAr: true } } },
    },
  });
}
