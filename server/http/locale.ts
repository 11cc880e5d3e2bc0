import type { Request } from 'express';
import type { Locale } from './format.ts';

export const LOCALE_COOKIE = 'bulkhead-locale';
export const THEME_COOKIE = 'bulkhead-theme';
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isLocale = (value: unknown): value is Locale => value === 'en' || value === 'ar';

/** What the person chose, else what the account says, else what the browser asks for, else English. */
export function localeOf(req: Request, accountLocale?: string): Locale {
  const chosen = readCookie(req, LOCALE_COOKIE);
  if (isLocale(chosen)) return chosen;
  if (isLocale(accountLocale)) return accountLocale;
  const asked = req.acceptsLanguages('en', 'ar');
  return isLocale(asked) ? asked : 'en';
}

export function themeOf(req: Request): Theme {
  const chosen = readCookie(req, THEME_COOKIE);
  return THEMES.find((theme) => theme === chosen) ?? 'auto';
}

/** One cookie by name; works with and without the cookie parser in front. */
function readCookie(req: Request, name: string): string | undefined {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
