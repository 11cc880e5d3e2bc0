import { Router } from 'express';
import { keptFor } from './etags.ts';

/** What shoppers see of a market. */
export function storefrontRoutes(): Router {
  const router = Router();
  router.get('/market', (req, res) => {
    const { slug, nameEn: en, nameAr: ar, locale, currency, timeZone } = req.open.market;
    res.set('Cache-Control', keptFor(60)).json({ slug, name: { en, ar }, locale, currency, timeZone });
  });
  return router;
}
