import type { ScopedClient } from '../db/client.ts';
import { notFound } from '../errors.ts';

export interface StoredImage {
  readonly marketId: string;
  readonly id: string;
  readonly digest: string;
}

const select = { marketId: true, id: true, digest: true } as const;

/**
 * The picture's row, when the scope may see it. Ids are unique within a market: where two markets have the
 * same one, staff must name the market, so that no market can put its picture in place of another's.
 * @throws AppError 404
 */
export async function findImage(db: ScopedClient, id: string, marketId?: string): Promise<StoredImage> {
  const where = marketId ? { marketId, id } : { id };
  const found = await db.image.findMany({ where, select, take: 2 });
  const [image] = found;
  if (!image || found.length > 1) throw notFound();
  return image;
}
