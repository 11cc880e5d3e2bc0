import { v7 } from 'uuid';
import type { ScopedClient } from '../db/client.ts';
import { encodePicture, type Picture } from './picture.ts';
import type { Uploads } from './uploads.ts';

/**
 * Runs `work` in one transaction with a new, re-encoded picture's row, and its id (null without an upload). The
 * file is written first: a row without its file would be a broken page. When `work` fails, neither the row nor
 * the file stays behind.
 * @throws AppError 422 on field `image` when the upload is no picture.
 */
export async function withImage<T>(
  db: ScopedClient,
  uploads: Uploads,
  upload: Buffer | null,
  work: (tx: ScopedClient, imageId: string | null) => Promise<T>,
): Promise<T> {
  if (!upload) return db.$transaction((tx) => work(tx, null));
  const picture = await encodePicture(upload);
  const marketId = marketOf(db);
  const id = v7();
  await uploads.write(marketId, fileName(id), picture.bytes);
  try {
    return await db.$transaction(async (tx) => {
      await tx.image.create({ data: imageRow(id, picture) });
      return work(tx, id);
    });
  } catch (error) {
    await uploads.remove(marketId, fileName(id));
    throw error;
  }
}

/**
 * Takes a picture away that nothing shows any more: no offer, and no decision's snapshot, which the next
 * moderation is compared with. Call it after the change that let go of it has been committed.
 */
export async function removeUnusedImage(
  db: ScopedClient,
  uploads: Uploads,
  id: string | null,
): Promise<void> {
  if (!id) return;
  const inOffers = await db.offer.count({ where: { imageId: id } });
  const inDecisions = await db.offerDecision.count({ where: { content: { path: ['imageId'], equals: id } } });
  if (inOffers + inDecisions > 0) return;
  try {
    await db.image.deleteMany({ where: { id } });
  } catch (error) {
    // Somebody took it up again between the question and the removal: the foreign key says so.
    if ((error as { code?: string }).code === 'P2003') return;
    throw error;
  }
  await uploads.remove(marketOf(db), fileName(id));
}

/** A stored picture's name on disk. */
export const fileName = (id: string): string => `${id}.webp`;

function imageRow(id: string, { width, height, digest, bytes }: Picture) {
  return { id, width, height, digest, bytes: bytes.length };
}

function marketOf(db: ScopedClient): string {
  if (!db.scope.marketId) throw new Error('a picture belongs to a market');
  return db.scope.marketId;
}
