import type { Trace } from './trace.ts';

/** Which door a request came through. */
export type Surface = 'admin' | 'partner' | 'device' | 'public';

export type MarketRole = 'owner' | 'manager' | 'analyst';
export type StaffRole = 'operator' | 'support';

/**
 * Who acts. In a market's scope `id` is the team member's id, never the person's: it means nothing elsewhere. On the
 * public surface it is the publishable key of the request, a visitor of a hosted page (`NOBODY`), or a shopper of that
 * market alone; on the device surface a till. A job acts for the market itself and may read it.
 * `support` is a member of staff who looks at a market from the partner process: `id` is the support session's.
 */
export interface Actor {
  readonly kind:
    | 'staff'
    | 'partner'
    | 'support'
    | 'person'
    | 'job'
    | 'key'
    | 'visitor'
    | 'shopper'
    | 'device';
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
  /** Only in a support session, which reads and never writes. */
  readonly support?: { readonly sessionId: string };
  /** Where operations are noted for the receipt; nothing is noted without it. */
  readonly trace?: Trace;
}

/** The actor's id where nobody in particular acts. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Anybody on the public surface, with no key and no name; without a market for who has yet to be told which. */
export const visitorScope = (marketId: string | null, receipt: string): Scope => ({
  ...{ surface: 'public', marketId, receipt, actor: { kind: 'visitor', id: NOBODY, role: 'none', name: '' } },
});

/** The same scope, with what it does noted for the request's receipt. */
export function traced(scope: Scope, trace: Trace | undefined): Scope {
  if (!trace) return scope;
  if (scope.support) trace.wantsIds = true;
  return { ...scope, trace };
}

/** A till that has shown who it is. Which branch it stands in, and whether it still may, the database asks its row. */
export const deviceScope = (marketId: string, id: string, name: string, receipt: string): Scope => ({
  ...{ surface: 'device', marketId, receipt, actor: { kind: 'device', id, role: 'none', name } },
});
