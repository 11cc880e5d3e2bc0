import type { ScopedClient } from '../db/client.ts';
import { branchCounts, type Part } from './days.queries.ts';
import { comparer, type RateRow, rateRow } from './offer-rows.ts';
import type { Span } from './range.ts';

const NO_BRANCH = '00000000-0000-0000-0000-000000000000';

export interface BranchRow extends Omit<RateRow, 'id'> {
  /** Null for what named no branch. */
  readonly id: string | null;
  readonly nameEn: string;
  readonly nameAr: string;
}

/** Every branch that anything happened at, most redemptions first; what named no branch last. */
export async function branchRows(db: ScopedClient, span: Span, part: Part = {}): Promise<BranchRow[]> {
  const counts = await branchCounts(db, span, part);
  const branches = await db.branch.findMany({
    where: { id: { in: [...counts.keys()] } },
    select: { id: true, nameEn: true, nameAr: true },
  });
  const rows = branches
    .map((branch) => ({ ...branch, ...rateRow(branch.id, counts.get(branch.id)!) }))
    .sort(comparer('redemptions', -1));
  const nowhere = counts.get(NO_BRANCH);
  return nowhere ? [...rows, { nameEn: '', nameAr: '', ...rateRow(NO_BRANCH, nowhere), id: null }] : rows;
}
