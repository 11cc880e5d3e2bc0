import type { AppFunction } from './functions.ts';

const inner = (): AppFunction => ({
  ...{ owner: 'bulkhead_limits', definer: false, volatility: 'v', path: true, executors: [] },
});
const acting = (executors: AppFunction['executors']): AppFunction => ({
  ...inner(),
  definer: true,
  executors,
});

/** What counts and refuses. Volatile, all of them: each statement in them has to see what was committed meanwhile. */
export const limitFunctions: Readonly<Record<string, AppFunction>> = {
  'app.limit_cap(uuid,text)': inner(),
  'app.limit_month(uuid,timestamp with time zone)': inner(),
  'app.refuse_limit(uuid,text,integer,integer)': inner(),
  'app.hold_limit(uuid,text,date)': inner(),
  'app.note_peak(uuid,text,integer)': inner(),
  'app.move_limit(uuid,text,integer)': inner(),
  'app.recount_limit(uuid,text,timestamp with time zone)': inner(),
  'app.recount_quota(uuid,text)': inner(),
  'app.move_offers(uuid,timestamp with time zone[],timestamp with time zone[])': inner(),
  'app.count_standing()': acting(['bulkhead_owner']),
  'app.count_live_offers()': acting(['bulkhead_owner']),
  'app.touch_limits()': acting(['bulkhead_owner']),
  'app.take_quota(text,integer,timestamp with time zone)': acting([
    'bulkhead_context',
    'bulkhead_sync',
    'bulkhead_messenger',
  ]),
  'app.try_quota(text,integer,timestamp with time zone)': acting(['bulkhead_context', 'bulkhead_sync']),
  'app.return_quota(text,date,integer)': acting(['bulkhead_context', 'bulkhead_sync', 'bulkhead_messenger']),
  'app.sync_quota()': acting(['bulkhead_device']),
  'app.check_limits()': acting(['bulkhead_partner']),
};
