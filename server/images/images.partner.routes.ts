import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { findImage } from './images.queries.ts';
import { sendImage } from './send-image.ts';
import { createUploads } from './uploads.ts';

/** Pictures of the scope's own market. */
export function imagePartnerRoutes({ uploadsDir }: Pick<Deps, 'uploadsDir'>): Router {
  const uploads = createUploads(uploadsDir);
  const router = Router();
  router.get('/images/:id', async (req, res) => {
    await sendImage(req, res, uploads, await findImage(req.db, idParam(req)));
  });
  return router;
}
