import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { buildSprite, ICONS, type IconName } from './icons.ts';
import { attrs, Markup } from './markup.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** The only files of other packages that a browser can reach. */
const FONT_FILES = ['arabic', 'latin'].flatMap((subset) =>
  [400, 500, 600].map((weight) => `ibm-plex-sans-arabic-${subset}-${weight}-normal.woff2`),
);

/** The sheets that pages link; all others are parts of one of them. */
const SHEETS = ['app.css', 'till-page.css'];

/** Every face of the one family, as `asset` knows them. */
export const FONTS = FONT_FILES.map((name) => `fonts/${name}`);

/** A file in memory, hashed and compressed once. */
export interface AssetFile {
  readonly type: string;
  readonly version: string;
  readonly body: Buffer;
  readonly encoded: Partial<Record<'br' | 'gzip', Buffer>>;
}

export interface Assets {
  /** 'css/app.css' → '/assets/css/app.css?v=…'. Throws on an unknown name, so a typo fails in a test. */
  readonly asset: (name: string) => string;
  /** An icon of the sprite; decorative unless `label` is given. */
  readonly icon: (name: IconName, options?: { label?: string; class?: string }) => Markup;
  /** Serves `/assets/…`: for a year under the right `?v=`, revalidated without it. */
  readonly router: Router;
}

/** Reads, joins, hashes and compresses every asset once; requests are answered from memory. */
export function loadAssets(paths: { views: string; modules: string }): Assets {
  const files = new Map<string, AssetFile>();
  const versionOf = (name: string) => {
    const file = files.get(name);
    if (!file) throw new Error(`No such asset: ${name}`);
    return `/assets/${name}?v=${file.version}`;
  };

  const folder = join(paths.views, 'assets');
  const fonts = join(paths.modules, '@fontsource/ibm-plex-sans-arabic/files');
  for (const name of FONT_FILES) files.set(`fonts/${name}`, pack(name, readFileSync(join(fonts, name))));
  files.set(
    'icons.svg',
    pack('icons.svg', Buffer.from(buildSprite(join(paths.modules, 'lucide-static/icons')))),
  );
  files.set('js/htmx.js', pack('htmx.js', readFileSync(join(paths.modules, 'htmx.org/dist/htmx.min.js'))));
  for (const kind of ['js', 'img']) {
    for (const name of readdirSync(join(folder, kind))) {
      files.set(`${kind}/${name}`, pack(name, readFileSync(join(folder, kind, name))));
    }
  }
  for (const name of SHEETS)
    files.set(`css/${name}`, pack(name, Buffer.from(stylesheet(join(folder, 'css', name), versionOf))));

  const sprite = versionOf('icons.svg');
  return {
    asset: versionOf,
    icon: (name, options) => icon(sprite, name, options),
    router: assetRouter(files),
  };
}

/** A sheet with its imports put in place and its asset addresses versioned. */
function stylesheet(path: string, asset: (name: string) => string): string {
  return readFileSync(path, 'utf8')
    .replace(/@import "\.\/([a-z-]+\.css)";/g, (_, name: string) =>
      readFileSync(join(dirname(path), name), 'utf8'),
    )
    .replace(/url\("\/assets\/([^"?]+)"\)/g, (_, name: string) => `url("${asset(name)}")`);
}

/** @throws Error on a name whose ending stands for no media type. */
export function pack(name: string, body: Buffer): AssetFile {
  const type = TYPES[extname(name)];
  if (!type) throw new Error(`No media type for ${name}`);
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 12);
  if (!/^text|svg/.test(type)) return { type, version, body, encoded: {} };
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  return { type, version, body, encoded: { br: brotliCompressSync(body, quality), gzip: gzipSync(body) } };
}

function icon(sprite: string, name: IconName, options: { label?: string; class?: string } = {}): Markup {
  if (!ICONS.includes(name))
    throw new Error(`Icon not in the sprite: ${name}. Add it to server/http/icons.ts`);
  const label = options.label ? { role: 'img', 'aria-label': options.label } : { 'aria-hidden': 'true' };
  const all = attrs({ class: `icon ${options.class ?? ''}`.trim(), ...label });
  return new Markup(`<svg${all}><use href="${sprite}#${name}"></use></svg>`);
}

/** Answers with the file as the client takes it, or 304. Cache-Control is the caller's. */
export function sendAsset(req: Request, res: Response, file: AssetFile): void {
  res.set({ ETag: `"${file.version}"`, 'Content-Type': file.type, Vary: 'Accept-Encoding' });
  if (req.fresh) return void res.status(304).end();
  const encoding = req.acceptsEncodings(['br', 'gzip', 'identity']) as 'br' | 'gzip' | 'identity' | false;
  const body = encoding === 'br' || encoding === 'gzip' ? file.encoded[encoding] : undefined;
  if (body) res.set('Content-Encoding', encoding as string);
  res.end(req.method === 'HEAD' ? undefined : (body ?? file.body));
}

function assetRouter(files: Map<string, AssetFile>): Router {
  const router = Router();
  const serve: RequestHandler = (req, res) => {
    const file = files.get(req.path.replace(/^\/assets\//, ''));
    if (!file) return void res.status(404).type('txt').end('Not found');
    const fresh = req.query.v === file.version;
    res.set('Cache-Control', fresh ? 'public, max-age=31536000, immutable' : 'no-cache');
    sendAsset(req, res, file);
  };
  router.get('/assets/{*path}', serve);
  return router;
}
