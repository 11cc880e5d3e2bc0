import type { RequestHandler } from 'express';
import { invalid } from '../errors.ts';
import type { Messages } from '../i18n/i18n.ts';

/** `?locale=`, else Accept-Language, else English. Unlike on pages no cookie is asked. */
export function language(messages: Messages): RequestHandler {
  return (req, _res, next) => {
    const asked = new URLSearchParams(req.url.split('?')[1]).get('locale');
    const locale = asked === 'ar' || asked === 'en' ? asked : req.acceptsLanguages('en', 'ar') || 'en';
    const t = messages.translator(locale === 'ar' ? 'ar' : 'en');
    Object.defineProperty(req, 'locale', { value: locale, configurable: true });
    Object.defineProperty(req, 't', { value: t, configurable: true });
    next(asked === null || asked === locale ? undefined : invalid({ locale: 'form:notOffered' }));
  };
}

/** Takes out of the query what every address here may have, so that routes can be strict about the rest. */
export function commonParameters(): RequestHandler {
  return (req, _res, next) => {
    delete req.query.key;
    delete req.query.locale;
    next();
  };
}
