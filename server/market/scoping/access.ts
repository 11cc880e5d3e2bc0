import type { Scope } from '../scope.ts';
import type { Model } from './model-map.ts';
import { ScopeViolation } from './scope-violation.ts';
import type { Reach } from './unscoped-models.ts';

/** What a scope may touch, before the database has its own say. */
export interface Access {
  /** The one market, or null for staff who work across markets: then row-level security alone decides. */
  readonly marketId: string | null;
  readonly reach: ReadonlySet<Reach>;
  readonly writesShared: boolean;
  readonly readsMarkets: boolean;
}

const staffReach: ReadonlySet<Reach> = new Set(['shared', 'staff', 'gate']);
const marketReach: ReadonlySet<Reach> = new Set(['shared']);

/** Throws ScopeViolation for a scope that is none: no market outside of staff, or an admin scope of nobody. */
export function accessOf(scope: Scope | null | undefined): Access {
  if (!scope) throw new ScopeViolation('No scope');
  const { marketId, surface, actor } = scope;
  if (marketId !== null && (typeof marketId !== 'string' || marketId === ''))
    throw new ScopeViolation('No market');
  if (surface === 'admin') {
    if (actor.kind !== 'staff') throw new ScopeViolation('An admin scope needs a staff actor');
    return { marketId, reach: staffReach, writesShared: true, readsMarkets: true };
  }
  if (actor.kind === 'staff') throw new ScopeViolation('Staff act through the admin surface alone');
  const isSupport = actor.kind === 'support';
  if (isSupport && (surface !== 'partner' || marketId === null || actor.role !== 'analyst'))
    throw new ScopeViolation('A support session looks at one market, as an analyst does');
  if (scope.support?.sessionId !== (isSupport ? actor.id : undefined))
    throw new ScopeViolation('A support session acts in its own name');
  return { marketId, reach: marketReach, writesShared: false, readsMarkets: marketId !== null };
}

export function checkRead(model: Model, access: Access): void {
  if (model.marketField ? !access.readsMarkets : !access.reach.has(model.reach!)) {
    throw new ScopeViolation(`${model.name} is out of this scope's reach`);
  }
}

/** Shared rows may be linked to by all, but written by staff alone. */
export function checkWrite(model: Model, access: Access): void {
  checkRead(model, access);
  if (model.reach === 'shared' && !access.writesShared)
    throw new ScopeViolation(`${model.name} is read-only here`);
}
