import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { orNotFound } from '../http/ids.ts';
import { type ListQuery, paginate } from '../http/list-query.ts';
import { readCode } from './claim-code.ts';
import type { claimStates } from './claims.input.ts';

export type ClaimState = (typeof claimStates)[number];

const OWN = {
  ...{ id: true, offerId: true, code: true, state: true, titleEn: true, titleAr: true, price: true },
  ...{ currency: true, claimedAt: true, expiresAt: true, redeemedAt: true },
} as const satisfies Prisma.ClaimSelect;

export type OwnClaim = Prisma.ClaimGetPayload<{ select: typeof OWN }>;

/** A shopper's claims, newest first. Under the shopper's own scope: the policies show no others. */
export function listOwnClaims(db: ScopedClient, list: ListQuery) {
  const where = { shopperId: db.scope.actor.id };
  return paginate(list, where, (args) => db.claim.findMany({ ...args, select: OWN }));
}

/** @throws AppError 404 */
export async function findOwnClaim(db: ScopedClient, id: string): Promise<OwnClaim> {
  return orNotFound(await db.claim.findFirst({ where: { id, shopperId: db.scope.actor.id }, select: OWN }));
}

const ROW = {
  ...OWN,
  ...{ shopperId: true, branchId: true, redeemedBy: true },
  branch: { select: { id: true, nameEn: true, nameAr: true } },
} as const satisfies Prisma.ClaimSelect;

/** The contact is there only where a policy shows it: to managers, of shoppers who have opted in; to staff. */
const WITH_SHOPPER = {
  ...ROW,
  shopper: { select: { id: true, contact: { select: { email: true, optedInAt: true } } } },
} as const satisfies Prisma.ClaimSelect;

export type ClaimRow = Prisma.ClaimGetPayload<{ select: typeof WITH_SHOPPER }>;

interface Filters {
  readonly state?: ClaimState;
  readonly offer?: string;
  readonly branch?: string;
}

/** One page of a market's claims. Staff name the market; a partner's scope has its own. */
export function listClaims(db: ScopedClient, list: ListQuery, now: Date, marketId?: string) {
  const { state, offer, branch } = list.filters as Filters;
  const code = readCode(list.q);
  const where: Prisma.ClaimWhereInput = {
    ...(marketId ? { marketId } : {}),
    ...(state ? whereClaimState(state, now) : {}),
    ...(offer ? { offerId: offer } : {}),
    ...(branch ? { branchId: branch } : {}),
    ...(list.q === '' ? {} : { code: { startsWith: code.replace(/[\\%_]/g, '\\$&') || '-' } }),
  };
  return paginate(list, where, (args) => db.claim.findMany({ ...args, select: WITH_SHOPPER }));
}

/** An open claim past its end is expired; nobody needs to write that down. */
export function claimStateOf(
  { state, expiresAt }: { readonly state: string; readonly expiresAt: Date | null },
  now: Date,
): ClaimState {
  return state === 'open' && expiresAt && expiresAt <= now ? 'expired' : (state as ClaimState);
}

function whereClaimState(state: ClaimState, now: Date): Prisma.ClaimWhereInput {
  if (state === 'expired') return { state: 'open', expiresAt: { lte: now } };
  if (state === 'open') return { state, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
  return { state };
}

const AT_TILL = {
  ...ROW,
  device: { select: { name: true } },
  offer: { select: { branches: { select: { branchId: true } } } },
} as const satisfies Prisma.ClaimSelect;

/** A claim as whoever redeems it has to see it, by code. @throws AppError 404 */
export async function findClaimByCode(db: ScopedClient, code: string) {
  return orNotFound(await db.claim.findFirst({ where: { code }, select: AT_TILL }));
}

/** The same by id, with the name of the member or till that redeemed it. @throws AppError 404 */
export async function findClaim(db: ScopedClient, id: string) {
  const claim = orNotFound(await db.claim.findFirst({ where: { id }, select: AT_TILL }));
  return { ...claim, redeemer: claim.device?.name ?? (await nameOf(db, claim.redeemedBy)) };
}

export async function nameOf(db: ScopedClient, memberId: string | null): Promise<string | null> {
  if (!memberId) return null;
  const member = await db.teamMember.findFirst({ where: { id: memberId }, select: { name: true } });
  return member?.name ?? null;
}

/** The branches where something can be redeemed. */
export function openBranches(db: ScopedClient) {
  return db.branch.findMany({
    where: { state: 'open' },
    select: { id: true, nameEn: true, nameAr: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    take: 500,
  });
}

/** The offers that anybody has claimed. Staff name the market. */
export function claimedOffers(db: ScopedClient, marketId?: string) {
  return db.offer.findMany({
    where: { ...(marketId ? { marketId } : {}), claimed: { isNot: null } },
    select: { id: true, titleEn: true, titleAr: true },
    orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
    take: 200,
  });
}

/** What the menus above a list of claims offer. */
export async function claimChoices(db: ScopedClient) {
  const [offers, branches] = await Promise.all([
    claimedOffers(db),
    db.branch.findMany({
      select: { id: true, nameEn: true, nameAr: true },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: 500,
    }),
  ]);
  return { offers, branches };
}
