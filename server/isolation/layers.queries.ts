import type { ScopedClient } from '../db/client.ts';
import { defineList, type ListQuery, paginate } from '../http/list-query.ts';

export const layersList = defineList({
  sorts: { at: { field: 'at', kind: 'instant' } },
  ...{ sort: 'at', dir: 'desc', filters: {}, limit: 50 },
});

/** Where layers did not let through the same rows, the newest first. Needs a staff scope. */
export function listDifferences(db: ScopedClient, list: ListQuery) {
  return paginate(list, {}, (args) => db.layerDifference.findMany(args));
}
