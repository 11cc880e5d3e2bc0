import { v7 } from 'uuid';
import type { ScopedClient } from '../db/client.ts';
import { AppError } from '../errors.ts';
import { submitOffer } from '../offers/submission.service.ts';
import { planLimitOf } from '../plans/plan-limits.ts';
import type { ImportDetail } from './imports.queries.ts';
import type { Product } from './read-product.ts';

/** Why a product's offer stayed a draft. */
const LEFT = ['unsubmitted-limit', 'unsubmitted-incomplete', 'unsubmitted-changed'] as const;

/**
 * Hands to moderation what an import has brought in, each offer in a transaction of its own: what the plan has no room
 * for, or what is incomplete, stays a draft and is named, and the rest goes through. Nothing is held from one offer to the
 * next, so that two who submit many can't block each other for good.
 */
export async function submitImported(
  db: ScopedClient,
  job: ImportDetail,
  products: readonly Product[],
  now: Date,
): Promise<void> {
  const keys = products
    .filter(({ problems, isHidden }) => problems.length === 0 && !isHidden)
    .map(({ key }) => key);
  const drafts = await db.offer.findMany({
    where: { importKey: { in: keys }, state: 'draft' },
    select: { id: true, importKey: true },
  });
  const offers = new Map(drafts.map(({ id, importKey }) => [importKey, id]));
  const left = [];
  for (const { key, row } of products) {
    const offerId = offers.get(key);
    const code = offerId && (await submit(db, offerId, now));
    if (code) left.push({ id: v7(), importId: job.id, row, column: handleColumn(job), value: key, code });
  }
  if (left.length > 0) await db.importError.createMany({ data: left });
}

/** What an earlier attempt said about offers that it could not submit: this one asks anew. */
export async function forgetUnsubmitted(db: ScopedClient, importId: string): Promise<void> {
  await db.importError.deleteMany({ where: { importId, code: { in: [...LEFT] } } });
}

const handleColumn = (job: ImportDetail): string => job.headers[job.mapping.handle ?? -1] ?? '';

async function submit(db: ScopedClient, id: string, now: Date): Promise<(typeof LEFT)[number] | null> {
  try {
    await submitOffer(db, id, now);
    return null;
  } catch (error) {
    if (planLimitOf(error)) return 'unsubmitted-limit';
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    return error.status === 422 ? 'unsubmitted-incomplete' : 'unsubmitted-changed';
  }
}
