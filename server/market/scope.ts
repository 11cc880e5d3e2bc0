/** Which door a request came through. */
export type Surface = 'admin' | 'partner' | 'device' | 'public';

export type MarketRole = 'owner' | 'manager' | 'analyst';
export type StaffRole = 'operator' | 'support';

/** Who acts. In a market's scope `id` is the team member's id, never the person's: it means nothing elsewhere. */
export interface Actor {
  readonly kind: 'staff' | 'partner' | 'person';
  readonly id: string;
  readonly role: MarketRole | StaffRole | 'none';
  readonly name: string;
}

/**
 * Surface + market + actor of one request. `marketId` is null for staff, who work across markets, and for a
 * person who has signed in but not yet chosen a market. `receipt` is the request's id, kept in audit rows.
 */
export interface Scope {
  readonly surface: Surface;
  readonly marketId: string | null;
  readonly actor: Actor;
  readonly receipt: string;
}
