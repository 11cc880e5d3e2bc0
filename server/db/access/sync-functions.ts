import type { AppFunction } from './functions.ts';

const inner = (): AppFunction => ({
  ...{ owner: 'bulkhead_sync', definer: false, volatility: 'v', path: true, executors: [] },
});
const acting = (executors: AppFunction['executors'], volatility: 's' | 'v' = 'v'): AppFunction => ({
  ...inner(),
  ...{ definer: true, volatility, executors },
});

/** What notes changes for tills and decides what they hand in. */
export const syncFunctions: Readonly<Record<string, AppFunction>> = {
  'app.touch_thing(uuid,uuid,text,uuid)': inner(),
  'app.set_reach(uuid,uuid,boolean)': inner(),
  'app.note_offer()': acting(['bulkhead_owner']),
  'app.note_offer_branch()': acting(['bulkhead_owner']),
  'app.note_claim()': acting(['bulkhead_owner']),
  'app.note_claims()': acting(['bulkhead_owner']),
  'app.note_market()': acting(['bulkhead_owner']),
  'app.note_branch()': acting(['bulkhead_owner']),
  'app.sync_epoch()': acting(['bulkhead_device'], 's'),
  'app.begin_sync_epoch()': acting(['bulkhead_owner']),
  'app.renew_sync_epoch()': acting(['bulkhead_owner']),
  'app.use_leases(uuid,uuid,uuid[],uuid[])': inner(),
  'app.settle_redemptions()': acting(['bulkhead_owner']),
  'app.keep_resolution()': { ...inner(), executors: ['bulkhead_owner'] },
  'app.issue_lease(integer)': acting(['bulkhead_device']),
  'app.settle_lease(uuid)': acting(['bulkhead_device']),
  'app.end_leases()': acting(['bulkhead_owner']),
};
