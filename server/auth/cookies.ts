import type { Response } from 'express';
import type { TokenPair } from './sessions.service.ts';

/**
 * Names of one portal's cookies. `__Host-` makes the browser insist on Secure, on Path=/ and on no Domain, so
 * that no other host, and no plain-HTTP page, can plant one.
 */
export interface CookieNames {
  readonly access: string;
  readonly refresh: string;
  readonly choice: string;
  readonly csrf: string;
  readonly flash: string;
  /** Of a support session, in the partner portal alone. */
  readonly support: string;
}

export function cookieNames(portal: string): CookieNames {
  const name = (what: string) => `__Host-bulkhead-${portal}-${what}`;
  return {
    access: name('access'),
    refresh: name('refresh'),
    choice: name('choice'),
    csrf: name('csrf'),
    flash: name('flash'),
    support: name('support'),
  };
}

export const COOKIE = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;

export function setSessionCookies(res: Response, names: CookieNames, pair: TokenPair): void {
  res.cookie(names.access, pair.access, { ...COOKIE, maxAge: pair.accessSeconds * 1000 });
  res.cookie(names.refresh, pair.refresh, { ...COOKIE, maxAge: pair.refreshSeconds * 1000 });
}

export function clearSessionCookies(res: Response, names: CookieNames): void {
  for (const name of [names.access, names.refresh, names.choice]) res.clearCookie(name, COOKIE);
}
