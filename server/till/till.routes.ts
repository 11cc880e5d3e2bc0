import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { pack, sendAsset } from '../http/assets.ts';
import { notFoundHandler } from '../http/error-handler.ts';
import { allowCamera } from '../http/security.ts';
import { LOCALES } from '../i18n/i18n.ts';
import { messages as catalogues, modules } from '../paths.ts';
import { tillFiles } from './till-files.ts';
import { tillIcons } from './till-icons.ts';
import { tillManifest } from './till-manifest.ts';

const FOREVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';
const DAY = 'public, max-age=86400';

/** No nonce: the page is kept by devices, and nothing in it is inline. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/**
 * `/till`: the program that tills run, and nothing of any market. In front of the portal's sessions; it reads no cookie
 * and sets none. What a till may see and do is decided below `/sync/v1`.
 */
export function tillRoutes({ views, assets, messages, config }: Deps): Router {
  const { page, worker, files, build } = tillFiles({
    ...{ views, modules, catalogues, assets, messages, publicUrl: config.publicUrl },
  });
  const shell = pack('till.html', Buffer.from(page));
  const icon = tillIcons(views);
  const manifests = new Map(
    LOCALES.map((locale) => [
      locale as string,
      pack('till.webmanifest', Buffer.from(tillManifest(locale, messages.translator(locale)))),
    ]),
  );

  const router = Router();
  router.use('/till', (_req, res, next) => {
    res.set('Content-Security-Policy', POLICY);
    next();
  });
  router.get('/till', (req, res) => {
    allowCamera(res);
    res.set('Cache-Control', ASK_AGAIN);
    sendAsset(req, res, shell);
  });
  router.get('/till/sw.js', (req, res) => {
    res.set({ 'Cache-Control': ASK_AGAIN, 'Service-Worker-Allowed': '/till' });
    sendAsset(req, res, worker);
  });
  router.get('/till/manifest.:locale.webmanifest', (req, res) => {
    const manifest = manifests.get(req.params.locale) ?? notThere();
    res.set('Cache-Control', ASK_AGAIN);
    sendAsset(req, res, manifest);
  });
  router.get('/till/icons/:name.png', async (req, res) => sendIcon(req, res, icon));
  router.get(`/till/build/${build}/{*path}`, (req, res) => {
    const file = files.get(req.path.slice(`/till/build/${build}/`.length)) ?? notThere();
    res.set('Cache-Control', FOREVER);
    sendAsset(req, res, file);
  });
  router.use('/till', notFoundHandler);
  return router;
}

async function sendIcon(req: Request, res: Response, icon: ReturnType<typeof tillIcons>): Promise<void> {
  const { name } = req.params as { name: string };
  const drawn = await (icon(name) ?? notThere());
  res.set('Cache-Control', DAY);
  sendAsset(req, res, pack(`${name}.png`, drawn));
}

function notThere(): never {
  throw notFound();
}
