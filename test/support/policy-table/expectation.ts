import { access, type Command, type Role, type Rule } from '../../../server/db/access/declaration.ts';
import type { Predicate } from '../../../server/db/access/predicates.ts';
import type { Scope } from '../../../server/market/scope.ts';
import { DECOY_MARKET } from '../../../server/market/scoping/decoy-market.ts';

/** A row as the superuser sees it, column → value as text. */
export interface KnownRow {
  readonly key: string;
  readonly values: Readonly<Record<string, string | null>>;
}

export type World = ReadonlyMap<string, readonly KnownRow[]>;

/** Roles that hold no declared grant: the tables' owner, and a login that is nobody in particular. */
export const OWNER = 'bulkhead_owner';
export const NOBODY = 'policy_table_nobody';

/** Tables that no scope reaches, and the one role that keeps each. All others must be declared. */
export function keeperOf(table: string): string | undefined {
  if (table === '_prisma_migrations') return OWNER;
  if (table === 'vault.context_key') return 'bulkhead_context';
  // Jobs are placed and taken outside of any request's login.
  if (table.startsWith('graphile_worker.')) return 'bulkhead_partner_gate';
  return undefined;
}

export function ruleOf(table: string, role: string, command: Command): Rule | undefined {
  return access[table]?.roles[role as Role]?.[command];
}

const ranks = ['analyst', 'manager', 'owner'];
const atLeast = (scope: Scope | null, level: string): boolean =>
  scope !== null && ranks.indexOf(scope.actor.role) >= ranks.indexOf(level);
const isStaff = (scope: Scope | null): boolean => scope?.surface === 'admin' && scope.actor.kind === 'staff';

const isOperator = (scope: Scope | null): boolean => isStaff(scope) && scope?.actor.role === 'operator';

type Values = KnownRow['values'];
const DAY = 86_400_000;

/** Whether the market of a public scope is active, and the key that the request came under, if any, still holds. */
function isOpen(scope: Scope, world: World): boolean {
  const market = world.get('market')!.find(({ values }) => values.id === scope.marketId);
  if (market?.values.state !== 'active') return false;
  if (scope.actor.kind !== 'key') return true;
  const key = world.get('publishable_key')!.find(({ values }) => values.id === scope.actor.id)?.values;
  if (!key || key.market_id !== scope.marketId || key.revoked_at !== null) return false;
  return key.expires_at == null || Date.parse(key.expires_at) > Date.now();
}

/** The row of the till that a scope names, while it works there and the market is active. */
function workingDevice(scope: Scope | null, world: World): Values | undefined {
  if (scope?.surface !== 'device' || scope.actor.kind !== 'device') return undefined;
  const market = world.get('market')!.find(({ values }) => values.id === scope.marketId);
  if (market?.values.state !== 'active') return undefined;
  return world
    .get('device')!
    .map(({ values }) => values)
    .find(
      ({ id, market_id, state }) =>
        id === scope.actor.id && market_id === scope.marketId && state === 'active',
    );
}

/** Zeros are everywhere. */
const reachedBranch = (reach: Values, device: Values): boolean =>
  reach.branch_id === device.branch_id || /^[0-]+$/.test(reach.branch_id ?? '');

function holdsAt(offerId: string | null | undefined, device: Values, world: World, ever = false): boolean {
  return world
    .get('sync_reach')!
    .some(
      ({ values }) =>
        values.market_id === device.market_id &&
        values.offer_id === offerId &&
        reachedBranch(values, device) &&
        (ever || values.holds === 'true' || values.holds === 't'),
    );
}

function isTold(change: Values, device: Values, world: World): boolean {
  if (change.collection === 'market') return true;
  if (change.collection === 'branches') return change.row_id === device.branch_id;
  return holdsAt(change.offer_id, device, world, true);
}

/** Whether the till that a scope names is one of its market's, in whatever state. */
function isTillOf(scope: Scope | null, world: World): boolean {
  if (scope?.surface !== 'device' || scope.actor.kind !== 'device') return false;
  return world
    .get('device')!
    .some(({ values }) => values.id === scope.actor.id && values.market_id === scope.marketId);
}

function isShown({ state, starts_at: start, ends_at: end }: Values): boolean {
  const [now, from, until] = [Date.now(), Date.parse(start ?? ''), Date.parse(end ?? '')];
  return state === 'live' && !(from > now) && !(until <= now);
}

function shownOffers(scope: Scope | null, world: World): Values[] {
  return world
    .get('offer')!
    .map(({ values }) => values)
    .filter((offer) => offer.market_id === scope?.marketId && isShown(offer));
}

function isOpenBranch(id: string | null | undefined, world: World): boolean {
  return world.get('branch')!.some(({ values }) => values.id === id && values.state === 'open');
}

function isAccepted(instant: string | null | undefined): boolean {
  const age = Date.now() - Date.parse(instant ?? '');
  return age < 7 * DAY && age > -300_000;
}

/**
 * What each named predicate means, told a second time and in another language than the policies: whether this
 * row is one that this scope may touch.
 */
export function holds(
  predicate: Predicate,
  marketKey: string | null,
  row: KnownRow,
  scope: Scope | null,
  world: World,
): boolean {
  const { values } = row;
  const named = scope?.marketId != null && marketKey !== null && values[marketKey] === scope.marketId;
  const own = named && scope?.surface === 'partner';
  const open = named && scope?.surface === 'public' && isOpen(scope, world);
  const shopper = open && scope?.actor.kind === 'shopper' ? scope.actor.id : null;
  const device = workingDevice(scope, world);
  const actor = scope?.actor.id ?? null;
  switch (predicate) {
    case 'everyone':
      return true;
    case 'market-support-receipt':
      return own && values.support_session_id !== null;
    case 'past-receipt':
      return Date.now() - Date.parse(values.at ?? '') > 7 * DAY;
    case 'decoy-market':
      return marketKey !== null && values[marketKey] === DECOY_MARKET;
    case 'market':
      return own;
    case 'market-manager':
      return own && atLeast(scope, 'manager');
    case 'market-owner':
      return own && atLeast(scope, 'owner');
    case 'market-draft':
      return own && atLeast(scope, 'manager') && values.state === 'draft';
    case 'market-opted-in':
      return own && atLeast(scope, 'manager') && values.opted_in_at !== null;
    case 'signed-market':
      return named;
    case 'signed-opted-in':
      return named && values.opted_in_at !== null;
    case 'signed-shopper':
      return (
        named &&
        scope?.surface === 'public' &&
        scope.actor.kind === 'shopper' &&
        values.shopper_id === scope.actor.id
      );
    case 'public-market':
      return open;
    case 'public-branch':
      return open && values.state === 'open';
    case 'public-offer':
      return open && isShown(values);
    case 'public-offer-part':
      return open && shownOffers(scope, world).some((offer) => offer.id === values.offer_id);
    case 'public-offer-count':
      return (
        open &&
        shownOffers(scope, world).some((offer) => offer.id === values.offer_id && offer.claim_limit !== null)
      );
    case 'public-offer-picture':
      return open && shownOffers(scope, world).some((offer) => offer.image_id === values.id);
    case 'public-event':
      return (
        open &&
        values.kind === 'view' &&
        isAccepted(values.occurred_at) &&
        shownOffers(scope, world).some((offer) => offer.id === values.offer_id) &&
        (values.branch_id === null || isOpenBranch(values.branch_id, world))
      );
    case 'public-fresh':
      // The fixture's rows are of long ago, unless a context has them written anew.
      return open && Date.now() - Date.parse(values.received_at ?? '') < 60_000;
    case 'own-key':
      return scope?.surface === 'public' && scope.actor.kind === 'key' && values.id === actor;
    case 'own-shopper':
      return shopper !== null && values.id === shopper;
    case 'of-shopper':
      return shopper !== null && values.shopper_id === shopper;
    case 'own-public-audit':
      return open && values.actor_id === actor && values.surface === 'public';
    case 'device-market':
      return named && device !== undefined;
    case 'device-branch':
      return named && device !== undefined && values.id === device.branch_id;
    case 'own-device':
      return scope?.surface === 'device' && scope.actor.kind === 'device' && values.id === actor;
    case 'working-device':
      return named && device !== undefined && values.id === device.id;
    case 'device-reach':
      return named && device !== undefined && reachedBranch(values, device);
    case 'device-change':
      return named && device !== undefined && isTold(values, device, world);
    case 'device-offer':
      return named && device !== undefined && values.state === 'live' && holdsAt(values.id, device, world);
    case 'device-claim':
      return named && device !== undefined && holdsAt(values.offer_id, device, world);
    case 'own-redemption-here':
      return (
        named &&
        device !== undefined &&
        values.device_id === device.id &&
        values.branch_id === device.branch_id
      );
    case 'of-device':
      return named && device !== undefined && values.device_id === device.id;
    case 'own-device-audit':
      return named && isTillOf(scope, world) && values.actor_id === actor && values.surface === 'device';
    case 'own-session':
      return own && values.member_id === actor;
    case 'own-audit':
      return own && values.actor_id === actor && values.surface === 'partner';
    case 'own-person':
      return actor !== null && values.id === actor;
    case 'own-membership':
      return actor !== null && values.user_id === actor;
    case 'member-market':
      return world
        .get('team_member')!
        .some(
          (member) =>
            actor !== null &&
            member.values.user_id === actor &&
            member.values.market_id === values[marketKey!],
        );
    case 'invited':
      return values.invitation_digest !== null;
    case 'staff':
      return isStaff(scope);
    case 'operator':
      return isOperator(scope);
    case 'own-staff-session':
      return isStaff(scope) && values.staff_user_id === actor;
    case 'own-staff-audit':
      return isStaff(scope) && values.actor_id === actor && values.surface === 'admin';
    case 'own-plan-change':
      return isOperator(scope) && values.staff_user_id === actor;
    case 'own-override':
      return isOperator(scope) && values.created_by === actor;
    case 'own-support-request': {
      const market = world.get('market')!.find(({ values: { id } }) => id === values.market_id)?.values;
      const asks = { always: 'not-needed', ask: 'asked' }[market?.support_consent ?? ''];
      return (
        isStaff(scope) &&
        values.staff_user_id === actor &&
        values.staff_role === (isOperator(scope) ? 'operator' : 'support') &&
        values.consent === asks
      );
    }
    case 'run-by-admin':
      return values.runs_on === 'admin';
    case 'run-by-partner':
      return values.runs_on === 'partner';
    case 'by-command':
      return values.source === 'command';
    case 'past-command':
      return values.source === 'command' && Date.now() - Date.parse(values.at ?? '') > 90 * DAY;
    case 'invited-staff':
      return values.state === 'invited';
  }
}

/**
 * What the triggers of a table answer before the policies are asked: the state of a refusal, or null. Only claims have
 * such a trigger, which says in this order: not yours, not on offer, yours already.
 */
export function refusalBefore(
  table: string,
  row: KnownRow,
  scope: Scope | null,
  world: World,
): string | null {
  if (table !== 'claim') return null;
  const { market_id: market, offer_id: offerId, shopper_id: shopper } = row.values;
  const self = scope?.surface === 'public' && scope.actor.kind === 'shopper' ? scope.actor.id : null;
  if (self === null || shopper !== self) return '42501';
  const offer = shownOffers(scope, world).find(({ id }) => id === offerId);
  if (!offer || market !== scope?.marketId) return 'BH001';
  const others = world
    .get('claim')!
    .filter(
      ({ key, values }) =>
        key !== row.key &&
        values.offer_id === offerId &&
        values.shopper_id === shopper &&
        values.state !== 'cancelled',
    );
  return others.length < Number(offer.claim_limit_per_shopper) ? null : 'BH003';
}
