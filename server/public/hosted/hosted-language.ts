import type { RequestHandler } from 'express';
import { parseCookies } from '../../http/cookies.ts';
import type { Locale } from '../../http/format.ts';
import { LOCALE_COOKIE } from '../../http/locale.ts';
import type { Messages } from '../../i18n/i18n.ts';

const isLocale = (value: unknown): value is Locale => value === 'en' || value === 'ar';

/**
 * The language of a hosted page: `?lang=`, which its links carry on and search engines tell apart, else what the reader
 * chose anywhere here, else what the browser asks for, else the market's own.
 */
export function hostedLanguage(messages: Messages): RequestHandler {
  return (req, res, next) => {
    const { lang } = req.query;
    delete req.query.lang;
    if (isLocale(lang)) res.locals.askedLocale = lang;
    const chosen = parseCookies(req.headers.cookie ?? '')[LOCALE_COOKIE];
    const locale = (): Locale => {
      if (isLocale(lang)) return lang;
      if (isLocale(chosen)) return chosen;
      const asked = req.get('Accept-Language') ? req.acceptsLanguages('en', 'ar') : false;
      return isLocale(asked) ? asked : (req.open?.market.locale ?? 'en');
    };
    Object.defineProperty(req, 'locale', { get: locale, configurable: true });
    Object.defineProperty(req, 't', { get: () => messages.translator(locale()), configurable: true });
    res.vary('Accept-Language');
    next();
  };
}
