import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { notFound } from '../errors.ts';
import { id } from '../http/fields.ts';
import { defineList, type ListQuery, type Page, paginate } from '../http/list-query.ts';
import { searchWhere } from '../market/fold.ts';
import type { ContentSnapshot } from './offer-content.ts';
import { offerStates, whereState } from './offer-state.ts';
import { offerSelect, withVersion } from './offers.queries.ts';

const filters = {
  market: id.optional(),
  category: id.optional(),
  state: z.enum([...offerStates, 'all']).optional(),
};

/** Offers that markets have ever submitted; those that wait for a decision when no state is asked for. */
export const moderationList = defineList({
  sorts: {
    submitted: { field: 'submittedAt', kind: 'instant' },
    updated: { field: 'updatedAt', kind: 'instant' },
    title: { field: 'searchText', kind: 'text' },
  },
  sort: 'submitted',
  dir: 'asc',
  filters,
});

export type ModerationQuery = ListQuery<typeof filters>;

const names = { select: { id: true, nameEn: true, nameAr: true } } as const;
const rowSelect = {
  marketId: true,
  id: true,
  titleEn: true,
  titleAr: true,
  searchText: true,
  price: true,
  currency: true,
  state: true,
  startsAt: true,
  endsAt: true,
  submission: true,
  submittedAt: true,
  updatedAt: true,
  category: names,
  market: names,
} as const satisfies Prisma.OfferSelect;

export type ModerationRow = Prisma.OfferGetPayload<{ select: typeof rowSelect }>;

/** One page of offers across markets, oldest submission first. */
export function listModeration(
  db: ScopedClient,
  list: ModerationQuery,
  now: Date,
): Promise<Page<ModerationRow>> {
  const { state = 'submitted' } = list.filters;
  const where = { AND: [whereFilters(list), state === 'all' ? {} : whereState(state, now)] };
  return paginate(list, where, (args) =>
    db.offer.findMany({ ...args, select: rowSelect } as object),
  ) as unknown as Promise<Page<ModerationRow>>;
}

/** How many offers wait for a decision, under the list's other filters. */
export function countWaiting(db: ScopedClient, list: ModerationQuery): Promise<number> {
  return db.offer.count({ where: { AND: [whereFilters(list), { state: 'submitted' }] } });
}

function whereFilters({ q, filters: { market, category } }: ModerationQuery): Prisma.OfferWhereInput {
  return {
    ...searchWhere(q),
    submittedAt: { not: null },
    ...(market ? { marketId: market } : {}),
    ...(category ? { categoryId: category } : {}),
  };
}

/** What the list's menus offer. */
export async function moderationChoices(db: ScopedClient) {
  const [categories, markets] = await Promise.all([
    db.category.findMany({ ...names, orderBy: [{ position: 'asc' }, { id: 'asc' }] }),
    db.market.findMany({ ...names, orderBy: [{ nameEn: 'asc' }, { id: 'asc' }], take: 1000 }),
  ]);
  return { categories, markets };
}

/** One market's offer, as staff see it. @throws AppError 404 */
export async function findModerated(db: ScopedClient, marketId: string, id: string) {
  const market = { select: { ...names.select, timeZone: true, locale: true, state: true } } as const;
  const offer = await db.offer.findFirst({ where: { marketId, id }, select: { ...offerSelect, market } });
  if (!offer) throw notFound();
  return withVersion(offer);
}

const decisionSelect = {
  id: true,
  decision: true,
  reason: true,
  content: true,
  contentDigest: true,
  decidedBy: true,
  decidedAt: true,
} as const;

/** All that was decided about an offer, newest first, with who decided. */
export async function listVerdicts(db: ScopedClient, marketId: string, offerId: string) {
  const found = await db.offerDecision.findMany({
    where: { marketId, offerId },
    select: decisionSelect,
    orderBy: [{ decidedAt: 'desc' }, { id: 'desc' }],
    take: 50,
  });
  const staff = await db.staffUser.findMany({
    where: { id: { in: [...new Set(found.map(({ decidedBy }) => decidedBy))] } },
    select: { id: true, name: true },
  });
  const nameOf = new Map(staff.map((person) => [person.id, person.name]));
  return found.map((verdict) => ({ ...verdict, decidedByName: nameOf.get(verdict.decidedBy) ?? '' }));
}

/** The content that was last approved, before the one with this digest; null for an offer that never was. */
export async function lastApproved(
  db: ScopedClient,
  marketId: string,
  offerId: string,
  currentDigest: string,
): Promise<ContentSnapshot | null> {
  const found = await db.offerDecision.findFirst({
    where: { marketId, offerId, decision: 'approved', contentDigest: { not: currentDigest } },
    select: { content: true },
    orderBy: [{ decidedAt: 'desc' }, { id: 'desc' }],
  });
  return (found?.content as ContentSnapshot | undefined) ?? null;
}

/** The names of what a snapshot refers to: its branches and its category may have been renamed since. */
export async function namesIn(
  db: ScopedClient,
  marketId: string,
  contents: readonly (ContentSnapshot | null)[],
) {
  const known = contents.filter((content) => content !== null);
  const branchIds = [...new Set(known.flatMap((content) => content.branchIds))];
  const categoryIds = [
    ...new Set(known.map((content) => content.categoryId).filter((each) => each !== null)),
  ];
  const [branches, categories] = await Promise.all([
    db.branch.findMany({ where: { marketId, id: { in: branchIds } }, ...names }),
    db.category.findMany({ where: { id: { in: categoryIds } }, ...names }),
  ]);
  return { branches, categories };
}
