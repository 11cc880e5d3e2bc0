import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { idParam } from '../http/ids.ts';
import { fileName } from '../images/images.service.ts';
import { createUploads, type Uploads } from '../images/uploads.ts';
import { isKnown, keptFor } from './etags.ts';
import { listOpenBranches, listOpenCategories } from './places.queries.ts';
import { showBranch, showCategoryRow, showOffer } from './storefront.answers.ts';
import { branchesQuery, encodePlace, noQuery, readQuery, readSearch } from './storefront.input.ts';
import { findOpenImage, findOpenOffer, listOpenOffers } from './storefront.queries.ts';

/** Names and addresses hardly change, and none of them says what is on offer. */
const PLACES_SECONDS = 60;
/** A picture never changes under its id; who asks again has seen it already. */
const PICTURE_SECONDS = 300;

/** What shoppers see of a market. */
export function storefrontRoutes({ config, uploadsDir }: Pick<Deps, 'config' | 'uploadsDir'>): Router {
  const images = `${config.publicUrl}/public/v1/images/`;
  const imageUrl = (req: Request) => (id: string) => `${images}${id}?key=${req.open.key}`;
  const uploads = createUploads(uploadsDir);
  const router = Router();

  router.get('/market', (req, res) => {
    readQuery(noQuery, req.query);
    const { slug, nameEn: en, nameAr: ar, locale, currency, timeZone } = req.open.market;
    res.set('Cache-Control', keptFor(PLACES_SECONDS));
    res.json({ slug, name: { en, ar }, locale, currency, timeZone });
  });
  router.get('/categories', async (req, res) => {
    readQuery(noQuery, req.query);
    const rows = await listOpenCategories(req.open.direct);
    res.json({ items: rows.map(showCategoryRow) });
  });
  router.get('/branches', async (req, res) => {
    const { near } = readQuery(branchesQuery, req.query);
    const rows = await listOpenBranches(req.open.direct, near ?? null);
    res.set('Cache-Control', keptFor(PLACES_SECONDS)).json({ items: rows.map(showBranch) });
  });
  router.get('/offers', async (req, res) => {
    const search = readSearch(req.query);
    const { rows, next } = await listOpenOffers(req.open.direct, search);
    const url = imageUrl(req);
    res.json({ items: rows.map((row) => showOffer(row, url)), next: next && encodePlace(search.sort, next) });
  });
  router.get('/offers/:id', async (req, res) => {
    readQuery(noQuery, req.query);
    res.json(showOffer(await findOpenOffer(req.open.direct, idParam(req)), imageUrl(req)));
  });
  router.get('/images/:id', async (req, res) => {
    readQuery(noQuery, req.query);
    await sendPicture(req, res, uploads);
  });
  return router;
}

async function sendPicture(req: Request, res: Response, uploads: Uploads): Promise<void> {
  const { id, digest } = await findOpenImage(req.open.direct, idParam(req));
  res.set({ 'Cache-Control': keptFor(PICTURE_SECONDS), 'Content-Type': 'image/webp' });
  if (isKnown(req, res, digest)) return;
  const bytes = await uploads.read(req.open.market.id, fileName(id));
  if (!bytes) throw notFound();
  res.send(bytes);
}
