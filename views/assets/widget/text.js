import { MESSAGES } from './messages.js';

/** Messages and formats of one language. Calendar and digits are named, so that no browser's habit decides. */
export function createText(locale, timeZone, currency) {
  const intl = `${locale === 'ar' ? 'ar-SA' : 'en-GB'}-u-ca-gregory-nu-latn`;
  const plural = new Intl.PluralRules(locale);
  const money = new Intl.NumberFormat(intl, { style: 'currency', currency });
  const minor = 10 ** money.resolvedOptions().maximumFractionDigits;
  const format = (options) => (at) =>
    new Intl.DateTimeFormat(intl, { timeZone, ...options }).format(new Date(at));
  const number = (options) => (value) => new Intl.NumberFormat(intl, options).format(value);
  return {
    locale,
    dir: locale === 'ar' ? 'rtl' : 'ltr',
    t(key, values = {}) {
      const own = MESSAGES[locale];
      const text = own[key] ?? own[`${key}_${plural.select(values.count)}`];
      return text.replace(/\{\{(\w+)\}\}/g, (_, name) => `\u2068${values[name]}\u2069`);
    },
    /** The market's words are kept in both languages. */
    name: (both) => both[locale] || both.en || both.ar,
    money: (amount) => money.format(amount / minor),
    date: format({ day: 'numeric', month: 'short', year: 'numeric' }),
    time: format({ day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }),
    percent: number({ style: 'percent' }),
    distance: number({ style: 'unit', unit: 'kilometer', maximumFractionDigits: 1 }),
  };
}
