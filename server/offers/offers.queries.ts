import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { notFound } from '../errors.ts';
import { id } from '../http/fields.ts';
import type { Locale } from '../http/format.ts';
import { defineList, type ListQuery, type Page } from '../http/list-query.ts';
import { searchWhere } from '../market/fold.ts';
import { type OfferState, offerStates, whereState } from './offer-state.ts';
import { paginateOffers } from './offers.paging.ts';

const filters = { state: z.enum(offerStates).optional(), category: id.optional(), branch: id.optional() };

/** The list of a market's offers. By title means the title in the reader's language. */
export const offerList = (locale: Locale) =>
  defineList({
    sorts: {
      updated: { field: 'updatedAt', kind: 'instant' },
      title: { field: locale === 'ar' ? 'titleAr' : 'searchText', kind: 'text' },
      price: { field: 'price', kind: 'number' },
      // Nullable in the table: see offers.paging.ts.
      starts: { field: 'startsOrNever', kind: 'instant' },
    },
    sort: 'updated',
    dir: 'desc',
    filters,
  });

export type OfferListQuery = ListQuery<typeof filters>;

const names = { select: { id: true, nameEn: true, nameAr: true } } as const;

const rowSelect = {
  id: true,
  titleEn: true,
  titleAr: true,
  searchText: true,
  price: true,
  oldPrice: true,
  currency: true,
  imageId: true,
  startsAt: true,
  endsAt: true,
  state: true,
  decision: true,
  submittedAt: true,
  updatedAt: true,
  category: names,
  _count: { select: { branches: true } },
} as const satisfies Prisma.OfferSelect;

export type OfferRow = Prisma.OfferGetPayload<{ select: typeof rowSelect }>;

/** One page of the market's offers. */
export function listOffers(db: ScopedClient, list: OfferListQuery, now: Date): Promise<Page<OfferRow>> {
  const where = { AND: [whereFilters(list), list.filters.state ? whereState(list.filters.state, now) : {}] };
  return paginateOffers(list, where, (args) => db.offer.findMany({ ...args, select: rowSelect }));
}

export type StateCounts = Record<OfferState | 'all', number>;

/** How many offers each state has, under the list's other filters: the numbers on the tabs. */
export async function countStates(db: ScopedClient, list: OfferListQuery, now: Date): Promise<StateCounts> {
  const where = whereFilters(list);
  const [groups, scheduled, over] = await Promise.all([
    db.offer.groupBy({ by: ['state'], where, _count: { _all: true } }),
    db.offer.count({ where: { AND: [where, whereState('scheduled', now)] } }),
    db.offer.count({ where: { AND: [where, { state: 'live', endsAt: { lte: now } }] } }),
  ]);
  const stored = Object.fromEntries(groups.map((group) => [group.state, group._count._all]));
  const of = (state: string) => stored[state] ?? 0;
  return {
    all: groups.reduce((sum, group) => sum + group._count._all, 0),
    draft: of('draft'),
    submitted: of('submitted'),
    live: of('live') - scheduled - over,
    scheduled,
    rejected: of('rejected'),
    ended: of('ended') + over,
  };
}

function whereFilters({ q, filters: { category, branch } }: OfferListQuery): Prisma.OfferWhereInput {
  return {
    ...searchWhere(q),
    ...(category ? { categoryId: category } : {}),
    ...(branch ? { branches: { some: { branchId: branch } } } : {}),
  };
}

/** Everything an editor or a reader of one offer needs. */
export const offerSelect = {
  ...rowSelect,
  marketId: true,
  textEn: true,
  textAr: true,
  categoryId: true,
  submission: true,
  isSubmitted: true,
  endedAt: true,
  contentDigest: true,
  decisionReason: true,
  decidedAt: true,
  createdAt: true,
  claimLimit: true,
  claimLimitPerShopper: true,
  claimed: { select: { claimed: true } },
  branches: { select: { branch: { select: { id: true, nameEn: true, nameAr: true, state: true } } } },
} as const satisfies Prisma.OfferSelect;

type FoundOffer = Prisma.OfferGetPayload<{ select: typeof offerSelect }>;
export type OfferDetail = FoundOffer & { readonly branchIds: string[]; readonly version: string };

/** One offer with everything an editor or a reader needs. @throws AppError 404 */
export async function findOffer(db: ScopedClient, id: string): Promise<OfferDetail> {
  const offer = await db.offer.findFirst({ where: { id }, select: offerSelect });
  if (!offer) throw notFound();
  return withVersion(offer);
}

/** Adds what an edit must be made from, and the branches' ids. */
export function withVersion<Found extends FoundOffer>(offer: Found) {
  return { ...offer, branchIds: offer.branches.map(({ branch }) => branch.id), version: versionOf(offer) };
}

/** Names the state of an offer that an edit was made from: any later write has another one. */
export const versionOf = (offer: { readonly updatedAt: Date }): string => offer.updatedAt.toISOString();

/** What was decided about an offer, newest first. */
export function listDecisions(db: ScopedClient, offerId: string) {
  return db.offerDecision.findMany({
    where: { offerId },
    select: { id: true, decision: true, reason: true, decidedAt: true },
    orderBy: [{ decidedAt: 'desc' }, { id: 'desc' }],
    take: 50,
  });
}

/** What the editor's and the list's menus offer: all categories, and the market's branches. */
export async function offerChoices(db: ScopedClient) {
  const [categories, branches] = await Promise.all([
    db.category.findMany({ ...names, orderBy: [{ position: 'asc' }, { id: 'asc' }] }),
    db.branch.findMany({
      select: { id: true, nameEn: true, nameAr: true, city: true, state: true },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: 500,
    }),
  ]);
  return { categories, branches };
}

export type OfferChoices = Awaited<ReturnType<typeof offerChoices>>;

/** How this market writes amounts and times. */
export async function marketUnits(db: ScopedClient) {
  const market = await db.market.findFirstOrThrow({
    where: { id: db.scope.marketId! },
    select: {
      currency: true,
      timeZone: true,
    },
  });
  return market;
}
