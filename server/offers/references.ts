import type { ScopedClient } from '../db/client.ts';
import { type FieldErrors, invalid } from '../errors.ts';
import type { OfferContent } from './offers.input.ts';

const NOT_OFFERED = 'form:notOffered';

/**
 * Checks that what an offer refers to exists within the scope. Another market's branch or picture is answered
 * like one that nobody has. A closed branch may stay, but not be added.
 * @throws AppError 422 at the field.
 */
export async function checkReferences(
  tx: ScopedClient,
  content: Pick<OfferContent, 'categoryId' | 'branchIds'> & { readonly imageId?: string | null },
  linked: readonly string[] = [],
): Promise<void> {
  const errors: FieldErrors = {};
  const { categoryId, branchIds, imageId } = content;
  if (categoryId && !(await tx.category.count({ where: { id: categoryId } })))
    errors.categoryId = NOT_OFFERED;
  if (imageId && !(await tx.image.count({ where: { id: imageId } }))) errors.imageId = NOT_OFFERED;
  const added = branchIds.filter((branch) => !linked.includes(branch));
  if (added.length > 0) {
    const known = await tx.branch.count({ where: { id: { in: added }, state: 'open' } });
    if (known !== added.length) errors.branchIds = NOT_OFFERED;
  }
  if (Object.keys(errors).length > 0) throw invalid(errors);
}

/** Makes these the offer's branches, touching only those that differ. */
export async function linkBranches(
  tx: ScopedClient,
  offerId: string,
  before: readonly string[],
  after: readonly string[],
): Promise<void> {
  const gone = before.filter((branch) => !after.includes(branch));
  const added = after.filter((branch) => !before.includes(branch));
  if (gone.length > 0) await tx.offerBranch.deleteMany({ where: { offerId, branchId: { in: gone } } });
  if (added.length > 0) {
    await tx.offerBranch.createMany({ data: added.map((branchId) => ({ offerId, branchId })) });
  }
}
