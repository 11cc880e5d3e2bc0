import type { ScopedClient } from '../db/client.ts';
import { addDays, addMonths, dateOf, dayOf } from './calendar.ts';
import { offerCounts } from './days.queries.ts';
import { type Counts, share } from './figures.ts';

export const metrics = ['claim-rate', 'redemption-rate'] as const;
export type Metric = (typeof metrics)[number];

/** `published`; `too-few`: fewer than eleven markets had enough figures; `not-yet`: the month's turn has not come. */
export type BenchmarkState = 'published' | 'too-few' | 'not-yet';

export interface BenchmarkRow {
  readonly category: { readonly id: string; readonly nameEn: string; readonly nameAr: string };
  readonly metric: Metric;
  /** The market's own ratio in the month; null where there is nothing to divide by. */
  readonly own: number | null;
  /** The median of the markets, to half a percent; null unless published. */
  readonly median: number | null;
  readonly state: BenchmarkState;
}

export interface Benchmarks {
  /** First day of the month that is spoken of, the last one that has ended. */
  readonly month: string;
  readonly rows: readonly BenchmarkRow[];
}

/**
 * The market's own rates beside the published medians of its categories, for the latest month that has been published,
 * or the last one that has ended while none has.
 */
export async function marketBenchmarks(db: ScopedClient, today: string): Promise<Benchmarks> {
  const month = await latestMonth(db, today);
  const [counts, published] = await Promise.all([
    offerCounts(db, { from: month, to: addDays(addMonths(month, 1), -1) }),
    publishedIn(db, month),
  ]);
  const offers = await db.offer.findMany({
    where: { id: { in: [...counts.keys()] }, categoryId: { not: null } },
    select: { id: true, category: { select: { id: true, nameEn: true, nameAr: true, position: true } } },
  });
  const categories = new Map<string, NonNullable<(typeof offers)[number]['category']>>();
  const own = new Map<string, Counts>();
  for (const { id, category } of offers) {
    if (!category) continue;
    categories.set(category.id, category);
    own.set(category.id, added(own.get(category.id), counts.get(id)!));
  }
  const ordered = [...categories.values()].sort((a, b) => a.position - b.position);
  const rows = ordered.flatMap((category) =>
    metrics.map((metric) => rowOf(category, metric, own.get(category.id)!, published)),
  );
  return { month, rows };
}

/** One offer's own rates beside its category's medians, in the latest published month. Empty without a category. */
export async function offerBenchmarks(
  db: ScopedClient,
  offer: { readonly id: string; readonly category: BenchmarkRow['category'] | null },
  today: string,
): Promise<Benchmarks> {
  const month = await latestMonth(db, today);
  if (!offer.category) return { month, rows: [] };
  const [counts, published] = await Promise.all([
    offerCounts(db, { from: month, to: addDays(addMonths(month, 1), -1) }, { offerId: offer.id }),
    publishedIn(db, month),
  ]);
  const own = counts.get(offer.id) ?? { view: 0, claim: 0, redeem: 0 };
  return { month, rows: metrics.map((metric) => rowOf(offer.category!, metric, own, published)) };
}

async function latestMonth(db: ScopedClient, today: string): Promise<string> {
  const found = await db.benchmark.findFirst({ orderBy: { month: 'desc' }, select: { month: true } });
  return found ? dayOf(found.month) : addMonths(`${today.slice(0, 8)}01`, -1);
}

async function publishedIn(db: ScopedClient, month: string): Promise<ReadonlyMap<string, number | null>> {
  const rows = await db.benchmark.findMany({
    where: { month: dateOf(month) },
    select: { categoryId: true, metric: true, value: true },
  });
  return new Map(rows.map(({ categoryId, metric, value }) => [`${categoryId} ${metric}`, value]));
}

function rowOf(
  { id, nameEn, nameAr }: BenchmarkRow['category'],
  metric: Metric,
  own: Counts,
  published: ReadonlyMap<string, number | null>,
): BenchmarkRow {
  const value = published.get(`${id} ${metric}`);
  const ratio = metric === 'claim-rate' ? share(own.claim, own.view) : share(own.redeem, own.claim);
  return {
    category: { id, nameEn, nameAr },
    metric,
    own: ratio === null ? null : Math.min(1, ratio),
    median: typeof value === 'number' ? value / 1000 : null,
    state: value === undefined ? 'not-yet' : value === null ? 'too-few' : 'published',
  };
}

const added = (to: Counts | undefined, more: Counts): Counts =>
  to ? { view: to.view + more.view, claim: to.claim + more.claim, redeem: to.redeem + more.redeem } : more;
