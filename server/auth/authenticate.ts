import type { Request, RequestHandler, Response } from 'express';
import { unauthorized } from '../errors.ts';
import { type CookieNames, clearSessionCookies, setSessionCookies } from './cookies.ts';
import type { LiveSession } from './session.ts';
import type { Sessions } from './sessions.service.ts';
import type { Identify } from './strategies.ts';

interface Parts {
  readonly identify: Identify;
  readonly sessions: Sessions;
  readonly cookies: CookieNames;
}

/**
 * Pages: finds the session of the access cookie. When that has run out, a valid refresh cookie gets both
 * cookies replaced on the way, so that a page left open over lunch just works. Leaves `req.session`
 * unset when there is none; `requireSession` decides what that means.
 */
export function cookieSession({ identify, sessions, cookies }: Parts): RequestHandler {
  return async (req, res, next) => {
    // A support session's: nothing else counts beside it.
    if (req.session) return next();
    const access = await identify('access-cookie', req);
    let session: LiveSession | null = null;
    if (access.outcome === 'ok') session = await sessions.load(access.claims, req.receipt);
    else if (access.outcome === 'refused') req.sessionRefused = true;
    else session = await refreshed(req, res);
    if (session) enter(req, res, session);
    else if (cookies.access in req.cookies || cookies.refresh in req.cookies)
      clearSessionCookies(res, cookies);
    next();
  };

  async function refreshed(req: Request, res: Response): Promise<LiveSession | null> {
    const refresh = await identify('refresh-cookie', req);
    if (refresh.outcome === 'refused') req.sessionRefused = true;
    if (refresh.outcome !== 'ok') return null;
    const pair = await sessions.rotate(refresh.claims, req.receipt, 'concurrent');
    if (!pair) return null;
    setSessionCookies(res, cookies, pair);
    return sessions.load(refresh.claims, req.receipt);
  }
}

/** API: the session of the Bearer token, or 401. Cookies mean nothing here, so neither does CSRF. */
export function bearerSession({ identify, sessions }: Parts): RequestHandler {
  return async (req, res, next) => {
    const access = await identify('access-bearer', req);
    const session = access.outcome === 'ok' ? await sessions.load(access.claims, req.receipt) : null;
    if (!session) {
      res.set('WWW-Authenticate', 'Bearer');
      throw unauthorized(access.outcome === 'expired' ? 'token-expired' : 'unauthorized');
    }
    enter(req, res, session);
    next();
  };
}

function enter(req: Request, res: Response, session: LiveSession): void {
  req.session = session;
  const { name, role } = session.scope.actor;
  res.locals.user = { name, role, email: session.email, locale: session.locale };
  if (session.market) res.locals.market = session.market;
}

/**
 * Pages behind it need a session. Somebody without one is sent to sign in and back; a cookie that was not ours
 * (another portal's, a forged one) is a 401.
 */
export const requireSession: RequestHandler = (req, res, next) => {
  if (req.session) return next();
  const isNavigation = req.method === 'GET' || req.method === 'HEAD';
  const address = `/sign-in?next=${encodeURIComponent(isNavigation ? req.originalUrl : '/')}`;
  if (req.get('HX-Request') === 'true') return void res.status(401).set('HX-Redirect', address).end();
  const wantsPage = req.accepts(['html', 'json']) === 'html';
  if (req.sessionRefused || !isNavigation || !wantsPage) return next(unauthorized());
  res.redirect(303, address);
};
