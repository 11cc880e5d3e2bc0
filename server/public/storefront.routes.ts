import { type Request, Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { createUploads } from '../images/uploads.ts';
import { keptFor } from './etags.ts';
import { listOpenBranches, listOpenCategories } from './places.queries.ts';
import { sendPicture } from './send-picture.ts';
import { showBranch, showCategoryRow, showOffer } from './storefront.answers.ts';
import { branchesQuery, encodePlace, noQuery, readQuery, readSearch } from './storefront.input.ts';
import { findOpenOffer, listOpenOffers } from './storefront.queries.ts';

/** Names and addresses hardly change, and none of them says what is on offer. */
const PLACES_SECONDS = 60;

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
    // An empty list may be a market without offers, or a key that no longer holds.
    if (rows.length === 0) await req.open.confirm?.();
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
