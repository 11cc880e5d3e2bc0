import { auditFunctions } from './audit-functions.ts';
import type { Role } from './declaration.ts';
import { decoyFunctions } from './decoy-functions.ts';
import { limitFunctions } from './limit-functions.ts';
import { messageFunctions } from './message-functions.ts';
import { syncFunctions } from './sync-functions.ts';

/** A function of schema `app` as the migrations make it. */
export interface AppFunction {
  readonly owner:
    | 'bulkhead_context'
    | 'bulkhead_owner'
    | 'bulkhead_statistics'
    | 'bulkhead_limits'
    | 'bulkhead_sync'
    | 'bulkhead_messenger'
    | 'bulkhead_chain'
    | 'bulkhead_decoy';
  /** Runs with its owner's rights; then `path` must be pinned too. */
  readonly definer: boolean;
  /** PostgreSQL's letter: immutable, stable, volatile. A context function that were immutable would serve other markets. */
  readonly volatility: 'i' | 's' | 'v';
  /** search_path = pg_catalog, pg_temp. Bodies in the SQL standard's form are bound when made and need none. */
  readonly path: boolean;
  readonly executors: readonly (Role | 'bulkhead_owner')[];
}

const logins = [
  'bulkhead_admin',
  'bulkhead_partner',
  'bulkhead_admin_gate',
  'bulkhead_partner_gate',
] as const;
const everybody = ['bulkhead_owner', ...logins, 'bulkhead_public', 'bulkhead_device'] as const;
/** And those whose policies and functions ask who acts. */
const asking = [...everybody, 'bulkhead_messenger'] as const;
const counting = [...asking, 'bulkhead_limits', 'bulkhead_sync', 'bulkhead_chain'] as const;

const helper = (volatility: 'i' | 's' | 'v', executors: AppFunction['executors']): AppFunction => ({
  ...{ owner: 'bulkhead_context', definer: false, volatility, path: false, executors },
});
const acting = (volatility: 's' | 'v', executors: AppFunction['executors']): AppFunction => ({
  ...{ owner: 'bulkhead_context', definer: true, volatility, path: true, executors },
});
const DIGEST =
  'app.offer_digest(integer,text,text,text,text,integer,integer,text,uuid,uuid,timestamp with time zone,timestamp with time zone)';

/** Every function of schema `app` and who may execute it; PUBLIC may execute none. */
export const appFunctions: Readonly<Record<string, AppFunction>> = {
  'app.claims()': acting('s', [...counting, 'bulkhead_decoy']),
  'app.market_id()': helper('s', [...counting, 'bulkhead_decoy']),
  'app.actor_id()': helper('s', [...asking, 'bulkhead_sync']),
  'app.market_id_as(text)': helper('s', asking),
  'app.is_staff()': helper('s', everybody),
  'app.is_operator()': helper('s', everybody),
  'app.fold(text)': helper('i', ['bulkhead_owner', ...logins, 'bulkhead_public', 'bulkhead_decoy']),
  [DIGEST]: helper('i', ['bulkhead_owner', ...logins, 'bulkhead_decoy']),
  'app.signed_market_id()': helper('s', [
    'bulkhead_owner',
    'bulkhead_limits',
    'bulkhead_sync',
    'bulkhead_messenger',
  ]),
  'app.key_id()': helper('s', ['bulkhead_owner', 'bulkhead_public']),
  'app.shopper_id()': helper('s', ['bulkhead_owner', 'bulkhead_public', 'bulkhead_messenger']),
  'app.uuid_time(uuid)': helper('i', ['bulkhead_owner', 'bulkhead_public']),
  'app.uuid_at(timestamp with time zone)': helper('v', [
    'bulkhead_owner',
    'bulkhead_limits',
    'bulkhead_sync',
    'bulkhead_messenger',
  ]),
  // Before there is a scope.
  'app.open_invitation(text)': acting('s', ['bulkhead_partner_gate']),
  'app.accept_invitation(text,uuid,text)': acting('v', ['bulkhead_partner_gate']),
  'app.person_markets()': helper('s', ['bulkhead_partner_gate']),
  // The public surface.
  'app.public_market_id()': acting('s', ['bulkhead_owner', 'bulkhead_partner_gate', 'bulkhead_public']),
  'app.market_of_slug(text)': acting('s', ['bulkhead_public']),
  'app.new_claim_code()': { ...helper('v', []), path: true },
  'app.take_claim()': acting('v', ['bulkhead_owner']),
  'app.redeem_claim()': acting('v', ['bulkhead_owner']),
  'app.record_claim_event()': acting('v', ['bulkhead_owner']),
  'app.record_redemptions()': acting('v', ['bulkhead_owner']),
  'app.erase_shopper()': acting('v', ['bulkhead_public']),
  // Tills.
  'app.device_id()': helper('s', ['bulkhead_owner', 'bulkhead_device', 'bulkhead_sync']),
  'app.device_market_id()': acting('s', [
    'bulkhead_owner',
    'bulkhead_device',
    'bulkhead_sync',
    'bulkhead_limits',
  ]),
  'app.device_branch_id()': acting('s', ['bulkhead_owner', 'bulkhead_device']),
  'app.till_market_id()': acting('s', ['bulkhead_owner', 'bulkhead_device']),
  'app.pair_device(text,jsonb,text,text,text)': acting('v', ['bulkhead_partner_gate']),
  'app.keep_device()': { ...helper('v', ['bulkhead_owner']), path: true },
  // Support sessions.
  'app.keep_support_session()': { ...helper('v', ['bulkhead_owner']), path: true },
  'app.support_session_of(text)': acting('s', ['bulkhead_partner_gate']),
  'app.note_support_session(support_session,text,text)': { ...helper('v', []), path: true },
  'app.note_support_read()': acting('v', ['bulkhead_owner']),
  'app.open_support_session(text,text)': acting('v', ['bulkhead_partner_gate']),
  'app.end_support_session(uuid,uuid,text)': acting('v', ['bulkhead_partner_gate']),
  'app.expire_support_sessions()': acting('v', ['bulkhead_partner_gate']),
  'app.support_session_fate(uuid,uuid)': acting('s', ['bulkhead_partner_gate']),
  'app.support_link_fate(text)': acting('s', ['bulkhead_partner_gate']),
  // Events and their figures.
  'app.keep_event_partitions(integer,integer,integer)': {
    ...acting('v', ['bulkhead_partner_gate']),
    owner: 'bulkhead_owner',
  },
  'app.queue_rollup()': acting('v', ['bulkhead_owner']),
  'app.uuid_floor(timestamp with time zone)': helper('i', []),
  'app.counted_events(uuid,text,date)': { ...helper('s', []), path: true },
  'app.days_of_hour(timestamp with time zone,text)': helper('i', []),
  'app.recount_market(uuid,text)': { ...helper('v', []), path: true },
  'app.roll_up(integer)': acting('v', ['bulkhead_partner']),
  'app.check_rollup(date,date)': acting('v', ['bulkhead_partner']),
  'app.count_parts()': { ...helper('v', ['bulkhead_owner']), path: true },
  'app.count_cohorts()': acting('v', ['bulkhead_partner']),
  'app.event_months()': acting('s', ['bulkhead_admin']),
  'app.publish_benchmarks(date)': {
    ...acting('v', ['bulkhead_partner_gate']),
    owner: 'bulkhead_statistics',
  },
  ...limitFunctions,
  ...syncFunctions,
  ...messageFunctions,
  ...auditFunctions,
  ...decoyFunctions,
};
