import { doubleCsrf } from 'csrf-csrf';
import type { Request, RequestHandler } from 'express';
import { AppError } from '../errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * First gate: the browser's own word on where a changing request comes from (Sec-Fetch-Site, else Origin).
 * Second: a token in the form that matches a cookie and is bound to the session. A request without either
 * header isn't a browser's, and still needs the second. Bearer requests never come here.
 */
export function csrf(options: {
  cookie: string;
  secrets: string[];
  origin: string;
  /** What a token is bound to; the portal's session when absent. */
  sessionOf?: (req: Request) => string;
}): RequestHandler {
  const { generateCsrfToken, validateRequest } = doubleCsrf({
    getSecret: () => options.secrets,
    getSessionIdentifier: options.sessionOf ?? ((req) => req.session?.id ?? 'anonymous'),
    cookieName: options.cookie,
    // Lax: a page opened from a mail must not replace the token of the tabs already open.
    cookieOptions: { sameSite: 'lax', path: '/', secure: true, httpOnly: true },
    getCsrfTokenFromRequest: tokenOf,
  });
  return (req, res, next) => {
    if (!SAFE.has(req.method)) {
      if (!isSameOrigin(req, options.origin)) throw new AppError(403, 'cross-site');
      if (!validateRequest(req)) throw new AppError(403, 'csrf');
    }
    let token: string | undefined;
    const get = () => (token ??= generateCsrfToken(req, res));
    // Made only when a page prints it: no cookie on redirects and files.
    Object.defineProperty(res.locals, 'csrf', { get, enumerable: true, configurable: true });
    next();
  };
}

/**
 * Header (htmx), hidden field, or, for an upload only, `?_csrf=` in the form's action: its body is not read
 * until the route does. The token is no use without its cookie, which no script or log sees.
 */
function tokenOf(req: Request): string | undefined {
  const field = (req.body as Record<string, unknown> | undefined)?._csrf;
  const query = req.is('multipart/form-data') ? req.query._csrf : undefined;
  const token = req.get('x-csrf-token') ?? field ?? query;
  return typeof token === 'string' ? token : undefined;
}

function isSameOrigin(req: Request, ownOrigin: string): boolean {
  const site = req.get('sec-fetch-site');
  if (site) return site === 'same-origin' || site === 'none';
  const origin = req.get('origin');
  if (!origin) return true;
  return origin === ownOrigin || origin === `${req.protocol}://${req.get('host')}`;
}
