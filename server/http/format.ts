import { Markup } from './markup.ts';

export type Locale = 'en' | 'ar';
type Instant = Date | string | number;

/**
 * Calendar and digits are named, so that neither the operating system's data nor a browser's habit decides.
 * Latin digits in Arabic too: typed values, product names and receipts use them, and one page must not mix two.
 */
const INTL_LOCALE: Record<Locale, string> = {
  en: 'en-GB-u-ca-gregory-nu-latn',
  ar: 'ar-SA-u-ca-gregory-nu-latn',
};

const cache = new Map<string, unknown>();
function cached<T>(key: string, make: () => T): T {
  const found = cache.get(key) as T | undefined;
  if (found) return found;
  const made = make();
  cache.set(key, made);
  return made;
}

function numberFormat(locale: Locale, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return cached(
    `n${locale}${JSON.stringify(options)}`,
    () => new Intl.NumberFormat(INTL_LOCALE[locale], options),
  );
}

function dateFormat(locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(
    `d${locale}${JSON.stringify(options)}`,
    () => new Intl.DateTimeFormat(INTL_LOCALE[locale], options),
  );
}

/** Digits after the point of a currency: SAR 2, KWD 3, JPY 0. Throws RangeError on a malformed code. */
export function fractionDigits(currency: string): number {
  return numberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** An exact decimal string of integer minor units: (1250, 'SAR') → '12.50'. For inputs and files. */
export function decimal(minor: number, currency: string): string {
  const digits = fractionDigits(currency);
  const text = Math.abs(minor)
    .toString()
    .padStart(digits + 1, '0');
  const sign = minor < 0 ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const CLOCK = { hour: 'numeric', minute: '2-digit' } as const;

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

function relativeText(locale: Locale, at: Date, now: Date): string {
  const format = cached(
    `r${locale}`,
    () => new Intl.RelativeTimeFormat(INTL_LOCALE[locale], { numeric: 'auto' }),
  );
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return format.format(Math.trunc(seconds / size), unit);
}

const bdi = (text: string) =>
  new Markup(`<bdi>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</bdi>`, text);

/**
 * Formats for one locale and one time zone. Each result prints as HTML inside `<bdi>` (or `<time>`), and is
 * plain text in an attribute or a sentence. An absent value is an en dash.
 */
export function formats(locale: Locale, timeZone: string, now: () => Date = () => new Date()) {
  const number = (value: number | null | undefined, options: Intl.NumberFormatOptions = {}) =>
    value === null || value === undefined ? bdi('–') : bdi(numberFormat(locale, options).format(value));

  const stamp = (value: Instant | null | undefined, options: Intl.DateTimeFormatOptions) => {
    const at = value === null || value === undefined ? undefined : new Date(value);
    if (!at || Number.isNaN(at.getTime())) return bdi('–');
    // `2026-05-01` is a day of a calendar, the same everywhere, and no instant.
    const isDay = typeof value === 'string' && value.length === 10;
    const text = dateFormat(locale, { timeZone: isDay ? 'UTC' : timeZone, ...options }).format(at);
    return new Markup(`<time datetime="${isDay ? value : at.toISOString()}">${text}</time>`, text);
  };

  return {
    /** Integer minor units with their ISO currency. */
    money: (minor: number | null | undefined, currency: string) =>
      minor === null || minor === undefined
        ? bdi('–')
        : bdi(
            numberFormat(locale, { style: 'currency', currency }).format(
              decimal(minor, currency) as `${number}`,
            ),
          ),
    /** For axes and tight places: SAR 12.8K. */
    moneyCompact: (minor: number, currency: string) =>
      number(minor / 10 ** fractionDigits(currency), {
        style: 'currency',
        currency,
        notation: 'compact',
        maximumFractionDigits: 1,
        minimumFractionDigits: 0,
      }),
    number,
    compact: (value: number) => number(value, { notation: 'compact', maximumFractionDigits: 1 }),
    /** A ratio: 0.125 → 12.5%. */
    percent: (ratio: number | null | undefined, digits = 1) =>
      number(ratio, { style: 'percent', maximumFractionDigits: digits }),
    /** A change as a ratio, always with its sign. */
    change: (ratio: number | null | undefined) =>
      number(ratio, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }),
    bytes: (value: number) =>
      number(value < 1e6 ? value / 1e3 : value / 1e6, {
        style: 'unit',
        unit: value < 1e6 ? 'kilobyte' : 'megabyte',
        maximumFractionDigits: 1,
      }),
    date: (value: Instant | null | undefined) => stamp(value, DAY),
    dateTime: (value: Instant | null | undefined) => stamp(value, { ...DAY, ...CLOCK }),
    time: (value: Instant | null | undefined) => stamp(value, CLOCK),
    /** "May 2026". */
    month: (value: Instant | null | undefined, width: 'long' | 'short' = 'long') =>
      stamp(value, { month: width, year: 'numeric' }),
    /** "12 May": for chart ticks. */
    dayMonth: (value: Instant | null | undefined) => stamp(value, { day: 'numeric', month: 'short' }),
    relative: (value: Instant | null | undefined) => {
      if (value === null || value === undefined) return bdi('–');
      const at = new Date(value);
      const full = dateFormat(locale, { timeZone, ...DAY, ...CLOCK }).format(at);
      const text = relativeText(locale, at, now());
      return new Markup(`<time datetime="${at.toISOString()}" title="${full}">${text}</time>`, text);
    },
    list: (items: string[]) =>
      bdi(
        cached(`l${locale}`, () => new Intl.ListFormat(INTL_LOCALE[locale], { type: 'conjunction' })).format(
          items,
        ),
      ),
    locale,
    timeZone,
  };
}

export type Formats = ReturnType<typeof formats>;
