import { join } from 'node:path';
import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { pack, sendAsset } from '../http/assets.ts';
import { LOCALES, readCatalogue } from '../i18n/i18n.ts';
import { messages } from '../paths.ts';
import { bundleWidget } from './widget-bundle.ts';

/** Its address never changes, so pages ask again soon; a day longer it may be shown while they ask. */
const CACHE = 'public, max-age=300, stale-while-revalidate=86400';

/** `GET /widget.js`: the one file that pages of other origins embed. */
export function widgetRoutes({ views }: Deps): Router {
  const words = Object.fromEntries(
    LOCALES.map((locale) => [locale, readCatalogue(messages, locale).shopper]),
  );
  const file = pack('widget.js', Buffer.from(bundleWidget(join(views, 'assets/widget'), words)));
  const router = Router();
  router.get('/widget.js', (req, res) => {
    res.set({
      'Cache-Control': CACHE,
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    sendAsset(req, res, file);
  });
  return router;
}
