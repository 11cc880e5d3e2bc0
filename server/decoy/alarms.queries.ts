import type { ScopedClient } from '../db/client.ts';
import { defineList, type ListQuery, paginate } from '../http/list-query.ts';

export const alarmsList = defineList({
  sorts: { at: { field: 'at', kind: 'instant' } },
  ...{ sort: 'at', dir: 'desc', filters: {}, limit: 50 },
});

/** Sightings of the decoy, the newest first. Needs a staff scope. */
export function listAlarms(db: ScopedClient, list: ListQuery) {
  return paginate(list, {}, (args) => db.decoySighting.findMany(args));
}

/** How many nobody has acknowledged. */
export const countOpenAlarms = (db: ScopedClient): Promise<number> =>
  db.decoySighting.count({ where: { acknowledgedAt: null } });

/** When the decoy was planted and last looked after; null before the partner portal's first job. */
export const findDecoy = (db: ScopedClient) =>
  db.decoy.findFirst({ select: { plantedAt: true, checkedAt: true } });
