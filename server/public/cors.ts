import type { Request, RequestHandler, Response } from 'express';

const METHODS = 'GET, HEAD, POST, PATCH, DELETE';
const HEADERS = 'Authorization, Bulkhead-Key, Content-Type, If-None-Match';
const EXPOSED = 'ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';
/** What the answers depend on besides their address: a cache that ignores one of them would serve the wrong market. */
const VARY = 'Origin, Bulkhead-Key, Authorization, Accept-Language, Accept-Encoding';
/** Chrome's own maximum. */
const PREFLIGHT_SECONDS = 7_200;

/**
 * Lets pages of other origins ask. A preflight carries no key, so it can't be told whose origins count: it is
 * answered for all, and the request itself decides. Never with credentials: cookies mean nothing here.
 */
export function cors(): RequestHandler {
  return (req, res, next) => {
    res.set({ Vary: VARY, 'Cross-Origin-Resource-Policy': 'cross-origin' });
    if (req.method !== 'OPTIONS') return next();
    allowOrigin(req, res);
    res.set({
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': HEADERS,
      'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
    });
    res.status(204).end();
  };
}

/** The page of this origin may read the answer. */
export function allowOrigin(req: Request, res: Response): void {
  const origin = req.get('Origin');
  if (!origin) return;
  res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED });
}

/**
 * Whether a key is meant for this origin. A courtesy that keeps other sites' pages from using the key: what is no
 * browser writes any Origin it likes or none, and gets what the policies of the database let through.
 */
export const mayRead = (origins: readonly string[], origin: string | undefined): boolean =>
  origin === undefined || origins.length === 0 || origins.includes(origin);
