import type { ScopedClient } from '../db/client.ts';
import type { ACTIONS } from './imports.input.ts';
import type { Product, RowProblem } from './read-product.ts';

export type Action = (typeof ACTIONS)[number];

export interface Planned {
  readonly product: Product;
  readonly action: Action;
  /** Of the draft to be updated. */
  readonly offerId: string | null;
}

export interface Plan {
  readonly products: readonly Planned[];
  /** What is wrong in the rows, and why products are left out. */
  readonly problems: readonly RowProblem[];
}

/** What is to happen with each product, given the offers that came from the same keys before. Writes nothing. */
export async function planProducts(
  db: ScopedClient,
  products: readonly Product[],
  handleColumn: string,
): Promise<Plan> {
  const keys = products.filter(({ problems }) => problems.length === 0).map(({ key }) => key);
  const offers = await db.offer.findMany({
    where: { importKey: { in: keys } },
    select: { id: true, importKey: true, state: true },
  });
  const known = new Map(offers.map((offer) => [offer.importKey, offer]));
  const problems: RowProblem[] = [];
  const planned = products.map((product): Planned => {
    problems.push(...product.problems);
    if (product.problems.length > 0) return { product, action: 'fail', offerId: null };
    const offer = known.get(product.key);
    const skipped = product.isHidden ? 'hidden' : offer && offer.state !== 'draft' ? offer.state : null;
    if (!skipped) return { product, action: offer ? 'update' : 'create', offerId: offer?.id ?? null };
    problems.push({ row: product.row, column: handleColumn, value: product.key, code: `skipped-${skipped}` });
    return { product, action: 'skip', offerId: null };
  });
  return { products: planned, problems };
}

export interface Tally {
  created: number;
  updated: number;
  failed: number;
  skipped: number;
}

export function tally(products: readonly Planned[]): Tally {
  const count = (action: Action) => products.filter((each) => each.action === action).length;
  return {
    created: count('create'),
    updated: count('update'),
    failed: count('fail'),
    skipped: count('skip'),
  };
}
