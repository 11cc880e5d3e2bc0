import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next, { type i18n } from 'i18next';
import type { Locale } from '../http/format.ts';

export const LOCALES: readonly Locale[] = ['en', 'ar'];
export type Translate = (key: string, values?: Record<string, unknown>) => string;

export interface Messages {
  readonly translator: (locale: Locale) => Translate;
  readonly has: (key: string) => boolean;
}

/** The folder's `<locale>/<namespace>.json` files, read once. */
export function readCatalogue(folder: string, locale: Locale): Record<string, Record<string, unknown>> {
  const files = readdirSync(join(folder, locale)).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    files.map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(folder, locale, name), 'utf8'))]),
  );
}

/**
 * A value of the other script is wrapped in isolates (U+2068 … U+2069): an English name inside an Arabic
 * sentence, or the reverse, must not pull its neighbours around. HTML escaping is the template's work.
 */
function isolate(locale: Locale): (value: unknown) => string {
  const foreign = locale === 'ar' ? /[A-Za-z]|\d\D+\d/ : /[\u0590-\u08ff\ufb1d-\ufefc]/;
  return (value) => {
    const text = String(value);
    return foreign.test(text) ? `\u2068${text}\u2069` : text;
  };
}

/** Loads all messages at boot; one fixed translator per locale serves every request. */
export function loadMessages(folder: string): Messages {
  const instances = new Map<Locale, i18n>(LOCALES.map((locale) => [locale, instance(folder, locale)]));
  const bound = new Map<Locale, Translate>(
    LOCALES.map((locale) => [locale, instances.get(locale)!.getFixedT(locale) as unknown as Translate]),
  );
  return {
    translator: (locale) => bound.get(locale)!,
    has: (key) => instances.get('en')!.exists(key),
  };
}

function instance(folder: string, locale: Locale): i18n {
  const resources = { [locale]: readCatalogue(folder, locale), en: readCatalogue(folder, 'en') };
  const made = i18next.createInstance();
  void made.init({
    resources,
    lng: locale,
    fallbackLng: 'en',
    initAsync: false,
    ns: Object.keys(resources.en!),
    defaultNS: 'common',
    returnNull: false,
    interpolation: { escape: isolate(locale), escapeValue: true },
  });
  return made;
}
