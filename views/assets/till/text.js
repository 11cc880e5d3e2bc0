import { MESSAGES } from './messages.js';

/** Each in its own language, for who reads no other. */
export const LANGUAGES = { en: 'English', ar: 'العربية' };

/** Messages and formats of one language. Calendar and digits are named, so that no browser's habit decides. */
export function createText(locale, { timeZone, currency } = {}) {
  const intl = `${locale === 'ar' ? 'ar-SA' : 'en-GB'}-u-ca-gregory-nu-latn`;
  const plural = new Intl.PluralRules(locale);
  const date = (at, options) => new Intl.DateTimeFormat(intl, { timeZone, ...options }).format(new Date(at));
  const relative = new Intl.RelativeTimeFormat(intl, { numeric: 'auto' });
  return {
    locale,
    dir: locale === 'ar' ? 'rtl' : 'ltr',
    t(key, values = {}) {
      const text = found(locale, key) ?? found(locale, `${key}_${plural.select(values.count)}`);
      return text.replace(/\{\{(\w+)\}\}/g, (_, name) => `\u2068${values[name]}\u2069`);
    },
    /** Names are kept in both languages. */
    name: (both, name = 'name') =>
      (both && (both[`${name}${locale === 'ar' ? 'Ar' : 'En'}`] || both[`${name}En`] || both[`${name}Ar`])) ||
      '',
    money(amount, code = currency) {
      const format = new Intl.NumberFormat(intl, { style: 'currency', currency: code });
      return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
    },
    clock: (at) => date(at, { hour: 'numeric', minute: '2-digit' }),
    dateTime: (at) => date(at, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }),
    /** The market's own day, as a name that can be compared. */
    day: (at) => new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date(at)),
    ago: (ms) => relative.format(...inUnits(-ms)),
    number: (value) => new Intl.NumberFormat(intl).format(value),
  };
}

const found = (locale, key) => key.split('.').reduce((group, name) => group?.[name], MESSAGES[locale]);

function inUnits(ms) {
  const minutes = Math.trunc(ms / 60_000);
  if (Math.abs(minutes) < 60) return [minutes, 'minute'];
  if (Math.abs(minutes) < 48 * 60) return [Math.trunc(minutes / 60), 'hour'];
  return [Math.trunc(minutes / 1440), 'day'];
}
