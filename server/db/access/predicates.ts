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
