import { DECOY_MARKET } from '../../market/scoping/decoy-market.ts';

/**
 * The row conditions that a policy may use, by name. Each compares a row with what the verified context
 * says; there is deliberately no way to write a free-form condition in a table's declaration.
 *
 * `(select …)` makes PostgreSQL verify the context once per statement instead of once per row.
 */
export type Predicate =
  | 'market'
  | 'market-manager'
  | 'market-owner'
  | 'market-draft'
  | 'market-opted-in'
  | 'signed-market'
  | 'signed-opted-in'
  | 'signed-shopper'
  | 'public-market'
  | 'public-branch'
  | 'public-offer'
  | 'public-offer-part'
  | 'public-offer-count'
  | 'public-offer-picture'
  | 'public-event'
  | 'public-fresh'
  | 'own-key'
  | 'own-shopper'
  | 'of-shopper'
  | 'own-public-audit'
  | 'device-market'
  | 'device-branch'
  | 'own-device'
  | 'working-device'
  | 'device-reach'
  | 'device-change'
  | 'device-offer'
  | 'device-claim'
  | 'own-redemption-here'
  | 'of-device'
  | 'own-device-audit'
  | 'own-session'
  | 'own-audit'
  | 'own-person'
  | 'own-membership'
  | 'member-market'
  | 'invited'
  | 'staff'
  | 'operator'
  | 'own-staff-session'
  | 'own-staff-audit'
  | 'invited-staff'
  | 'own-plan-change'
  | 'own-override'
  | 'own-support-request'
  | 'run-by-admin'
  | 'run-by-partner'
  | 'by-command'
  | 'past-command'
  | 'decoy-market'
  | 'market-support-receipt'
  | 'past-receipt'
  | 'everyone';

const market = (key: string, level?: string): string =>
  level ? `(${key} = (select app.market_id_as('${level}')))` : `(${key} = (select app.market_id()))`;

const publicMarket = (key: string): string => `(${key} = (select app.public_market_id()))`;

const operatorAs = (column: string): string =>
  `((select app.is_operator()) and (${column} = (select app.actor_id())))`;
const deviceMarket = (key: string): string => `(${key} = (select app.device_market_id()))`;

/** The branch id of offers that name no branch. */
const EVERYWHERE = "'00000000-0000-0000-0000-000000000000'::uuid";
const HOLDS = ' and sync_reach.holds';

/**
 * Whether an offer holds, or has held, at the till's branch. Nested row-level security: the sub-select itself finds
 * nothing of other branches. Looked up row by row (LIMIT keeps it from being hashed): a page of changes must not cost
 * more because the branch has many offers.
 */
const reached = (table: string, offer: string, still = ''): string =>
  `(select true as bool from sync_reach where ((sync_reach.market_id = ${table}.market_id) ` +
  `and (sync_reach.offer_id = ${table}.${offer})${still}) limit 1)`;

/** Late events are accepted for seven days, and a device's clock may be five minutes ahead. */
const ACCEPTED =
  "(occurred_at > (current_timestamp - '7 days'::interval)) and (occurred_at < (current_timestamp + '00:05:00'::interval))";

/** SQL of a predicate for a table whose market column is `key` (`market_id`, or `id` for `market` itself). */
export function predicateSql(predicate: Predicate, key: string): string {
  switch (predicate) {
    case 'market':
      return market(key);
    case 'market-manager':
      return market(key, 'manager');
    case 'market-owner':
      return market(key, 'owner');
    case 'market-draft':
      return `(${market(key, 'manager')} and (state = 'draft'))`;
    case 'market-opted-in':
      return `(${market(key, 'manager')} and (opted_in_at is not null))`;
    case 'signed-market':
      return `(${key} = (select app.signed_market_id()))`;
    case 'signed-opted-in':
      return `((${key} = (select app.signed_market_id())) and (opted_in_at is not null))`;
    case 'signed-shopper':
      // Of a market that is not active, too: whoever wants no more messages is believed at any time.
      return `((${key} = (select app.signed_market_id())) and (shopper_id = (select app.shopper_id())))`;
    case 'public-market':
      return publicMarket(key);
    case 'public-branch':
      return `(${publicMarket(key)} and (state = 'open'))`;
    case 'public-offer':
      return (
        `(${publicMarket(key)} and (state = 'live') and coalesce((starts_at <= current_timestamp), true) ` +
        'and coalesce((ends_at > current_timestamp), true))'
      );
    // Nested row-level security: the sub-select itself finds none but the offers that the role may see, so that the
    // public market is asked for there and not once more here.
    case 'public-offer-part':
      return `((${key}, offer_id) in (select offer.market_id, offer.id from offer))`;
    case 'public-offer-count':
      // How often an offer without a limit was claimed is shown to nobody.
      return `((${key}, offer_id) in (select offer.market_id, offer.id from offer where (offer.claim_limit is not null)))`;
    case 'public-offer-picture':
      return `((${key}, id) in (select offer.market_id, offer.image_id from offer))`;
    case 'public-event':
      // Claims and redemptions are reported by the claims themselves.
      return (
        `(${publicMarket(key)} and (kind = 'view') and ${ACCEPTED} and (offer_id in (select offer.id from offer)) ` +
        'and case when (branch_id is not null) then (branch_id in (select branch.id from branch)) else true end)'
      );
    case 'public-fresh':
      // Written in this very transaction, or in one that began in the same millisecond.
      return `(${publicMarket(key)} and (received_at = (current_timestamp)::timestamp(3) with time zone))`;
    case 'own-key':
      return '(id = (select app.key_id()))';
    case 'own-shopper':
      return `(${publicMarket(key)} and (id = (select app.shopper_id())))`;
    case 'of-shopper':
      return `(${publicMarket(key)} and (shopper_id = (select app.shopper_id())))`;
    case 'own-public-audit':
      return `(${publicMarket(key)} and (actor_id = (select app.actor_id())) and (surface = 'public'))`;
    case 'device-market':
      return deviceMarket(key);
    case 'device-branch':
      return `(${deviceMarket(key)} and (id = (select app.device_branch_id())))`;
    case 'own-device':
      // A revoked one too, so that it can be told.
      return '(id = (select app.device_id()))';
    case 'working-device':
      return `(${deviceMarket(key)} and (id = (select app.device_id())))`;
    case 'device-reach':
      return `(${deviceMarket(key)} and (branch_id = any (array[(select app.device_branch_id()), ${EVERYWHERE}])))`;
    case 'device-change':
      return (
        `(${deviceMarket(key)} and case collection when 'market'::text then true ` +
        "when 'branches'::text then (row_id = (select app.device_branch_id())) " +
        `else ${reached('sync_change', 'offer_id')} end)`
      );
    case 'device-offer':
      return `(${deviceMarket(key)} and (state = 'live') and ${reached('offer', 'id', HOLDS)})`;
    case 'device-claim':
      return `(${deviceMarket(key)} and ${reached('claim', 'offer_id', HOLDS)})`;
    case 'own-redemption-here':
      return (
        `(${deviceMarket(key)} and (device_id = (select app.device_id())) ` +
        'and (branch_id = (select app.device_branch_id())))'
      );
    case 'of-device':
      return `(${deviceMarket(key)} and (device_id = (select app.device_id())))`;
    case 'own-device-audit':
      // A revoked one too, so that its knocking leaves a trace.
      return `((${key} = (select app.till_market_id())) and (actor_id = (select app.device_id())) and (surface = 'device'))`;
    case 'own-session':
      return `(${market(key)} and (member_id = (select app.actor_id())))`;
    case 'own-audit':
      return `(${market(key)} and (actor_id = (select app.actor_id())) and (surface = 'partner'))`;
    case 'own-person':
      return '(id = (select app.actor_id()))';
    case 'own-membership':
      return '(user_id = (select app.actor_id()))';
    case 'member-market':
      // Nested row-level security: the sub-select itself shows the gate only the signed person's memberships.
      return `(${key} in (select team_member.market_id from team_member))`;
    case 'invited':
      return '(invitation_digest is not null)';
    case 'staff':
      return '(select app.is_staff())';
    case 'operator':
      return '(select app.is_operator())';
    case 'own-staff-session':
      return '((select app.is_staff()) and (staff_user_id = (select app.actor_id())))';
    case 'own-staff-audit':
      return "((select app.is_staff()) and (actor_id = (select app.actor_id())) and (surface = 'admin'))";
    case 'invited-staff':
      return "(state = 'invited')";
    case 'own-plan-change':
      return operatorAs('staff_user_id');
    case 'own-override':
      return operatorAs('created_by');
    case 'run-by-admin':
      return "(runs_on = 'admin')";
    case 'run-by-partner':
      return "(runs_on = 'partner')";
    case 'by-command':
      return "(source = 'command')";
    case 'past-command':
      return "((source = 'command') and (at < (current_timestamp - '90 days'::interval)))";
    case 'market-support-receipt':
      return `(${market(key)} and (support_session_id is not null))`;
    case 'past-receipt':
      return "(at < (current_timestamp - '7 days'::interval))";
    case 'decoy-market':
      return `(${key} = '${DECOY_MARKET}'::uuid)`;
    case 'own-support-request':
      // Whether the market is asked first is the market's to say.
      return (
        '((select app.is_staff()) and (staff_user_id = (select app.actor_id())) ' +
        "and (staff_role = (select case when app.is_operator() then 'operator' else 'support' end as word)) " +
        "and (consent = (select case market.support_consent when 'always' then 'not-needed' when 'ask' then 'asked' " +
        'else null end as word from market where (market.id = support_session.market_id))))'
      );
    case 'everyone':
      return 'true';
  }
}
