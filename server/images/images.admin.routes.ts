import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { findImage } from './images.queries.ts';
import { sendImage } from './send-image.ts';
import { createUploads } from './uploads.ts';

/** Pictures of every market, for staff. Pages name the market too: ids are unique within one alone. */
export function imageAdminRoutes({ uploadsDir }: Pick<Deps, 'uploadsDir'>): Router {
  const uploads = createUploads(uploadsDir);
  const router = Router();
  router.get('/images/:id', async (req, res) => {
    await sendImage(req, res, uploads, await findImage(req.db, idParam(req)));
  });
  router.get('/markets/:marketId/images/:id', async (req, res) => {
    const image = await findImage(req.db, idParam(req), idParam(req, 'marketId'));
    await sendImage(req, res, uploads, image);
  });
  return router;
}
