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
  | 'everyone';

const market = (key: string, level?: string): string =>
  level ? `(${key} = (select app.market_id_as('${level}')))` : `(${key} = (select app.market_id()))`;

const publicMarket = (key: string): string => `(${key} = (select app.public_market_id()))`;

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
    case 'everyone':
      return 'true';
  }
}
