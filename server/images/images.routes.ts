import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { findImage, type StoredImage } from './images.queries.ts';
import { fileName } from './images.service.ts';
import { createUploads, type Uploads } from './uploads.ts';

type ImageDeps = Pick<Deps, 'uploadsDir'>;

/** Pictures of the scope's own market. */
export function imagePartnerRoutes({ uploadsDir }: ImageDeps): Router {
  const uploads = createUploads(uploadsDir);
  const router = Router();
  router.get('/images/:id', async (req, res) =>
    sendImage(req, res, uploads, await findImage(req.db, idParam(req))),
  );
  return router;
}

/** Pictures of every market, for staff; pages name the market as well. */
export function imageAdminRoutes({ uploadsDir }: ImageDeps): Router {
  const uploads = createUploads(uploadsDir);
  const router = Router();
  router.get('/images/:id', async (req, res) =>
    sendImage(req, res, uploads, await findImage(req.db, idParam(req))),
  );
  router.get('/markets/:marketId/images/:id', async (req, res) => {
    const image = await findImage(req.db, idParam(req), idParam(req, 'marketId'));
    await sendImage(req, res, uploads, image);
  });
  return router;
}

/**
 * A picture never changes under its id, but who may see it does: the browser keeps it for itself alone and
 * asks again each time, which a 304 answers without touching the disk.
 */
async function sendImage(req: Request, res: Response, uploads: Uploads, image: StoredImage): Promise<void> {
  res.set({
    'Content-Type': 'image/webp',
    'Cache-Control': 'private, no-cache',
    'X-Content-Type-Options': 'nosniff',
    ETag: `"${image.digest}"`,
    Vary: 'Cookie',
  });
  if (req.fresh) return void res.status(304).end();
  await new Promise<void>((resolve, reject) => {
    const options = { etag: false, lastModified: false, cacheControl: false, dotfiles: 'allow' } as const;
    res.sendFile(uploads.path(image.marketId, fileName(image.id)), options, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}
