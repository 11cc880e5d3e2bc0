import type { Request, Response } from 'express';
import { notFound } from '../errors.ts';
import { idParam } from '../http/ids.ts';
import { fileName } from '../images/images.service.ts';
import type { Uploads } from '../images/uploads.ts';
import { isKnown, keptFor } from './etags.ts';
import { findOpenImage } from './storefront.queries.ts';

/** A picture never changes under its id; who asks again has seen it already. */
const PICTURE_SECONDS = 300;

/** The picture of an offer that shoppers see now. @throws AppError 404 */
export async function sendPicture(req: Request, res: Response, uploads: Uploads): Promise<void> {
  const { id, digest } = await findOpenImage(req.open.direct, idParam(req));
  res.set({ 'Cache-Control': keptFor(PICTURE_SECONDS), 'Content-Type': 'image/webp' });
  if (isKnown(req, res, digest)) return;
  const bytes = await uploads.read(req.open.market.id, fileName(id));
  if (!bytes) throw notFound();
  res.send(bytes);
}
