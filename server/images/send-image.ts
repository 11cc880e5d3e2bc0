import type { Request, Response } from 'express';
import { notFound } from '../errors.ts';
import type { StoredImage } from './images.queries.ts';
import { fileName } from './images.service.ts';
import type { Uploads } from './uploads.ts';

/**
 * A picture never changes under its id, but who may see it does: the browser keeps it for itself alone and
 * asks again each time, which a 304 answers without touching the disk.
 */
export async function sendImage(
  req: Request,
  res: Response,
  uploads: Uploads,
  image: StoredImage,
): Promise<void> {
  const etag = `"${image.digest}"`;
  res.set({ 'Cache-Control': 'private, no-cache', Vary: 'Cookie' });
  if (req.get('if-none-match') === etag) return void res.status(304).set('ETag', etag).end();
  const bytes = await uploads.read(image.marketId, fileName(image.id));
  if (!bytes) throw notFound();
  res.set({ ETag: etag, 'Content-Type': 'image/webp', 'X-Content-Type-Options': 'nosniff' }).send(bytes);
}
