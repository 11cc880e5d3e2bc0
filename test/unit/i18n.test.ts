import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCALES, loadMessages, readCatalogue } from '../../server/i18n/i18n.ts';
import { messages, root } from '../../server/paths.ts';

const PLURAL = /_(zero|one|two|few|many|other)$/;

function flatten(value: unknown, prefix: string, into = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'string') return into.set(prefix, value);
  for (const [key, inner] of Object.entries(value as object))
    flatten(inner, `${prefix}${prefix.endsWith(':') ? '' : '.'}${key}`, into);
  return into;
}

function catalogue(locale: 'en' | 'ar'): Map<string, string> {
  const all = new Map<string, string>();
  for (const [namespace, content] of Object.entries(readCatalogue(messages, locale)))
    flatten(content, `${namespace}:`, all);
  return all;
}

const byLocale = { en: catalogue('en'), ar: catalogue('ar') };
const stems = (map: Map<string, string>) =>
  [...new Set([...map.keys()].map((key) => key.replace(PLURAL, '')))].sort();
const placeholders = (text: string) => [...text.matchAll(/\{\{-?\s*(\w+)/g)].map((match) => match[1]).sort();

describe('i18n: the two catalogues', () => {
  it('have the same keys', () => {
    assert.deepEqual(stems(byLocale.ar), stems(byLocale.en));
  });

  it('have no empty value', () => {
    for (const locale of LOCALES) {
      for (const [key, text] of byLocale[locale]) assert.ok(text.trim().length > 0, `${locale} ${key}`);
    }
  });

  it('have every plural form of their language', () => {
    for (const locale of LOCALES) {
      const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
      const plural = [...byLocale[locale].keys()]
        .filter((key) => PLURAL.test(key))
        .map((key) => key.replace(PLURAL, ''));
      for (const stem of new Set(plural)) {
        for (const category of categories)
          assert.ok(byLocale[locale].has(`${stem}_${category}`), `${locale} ${stem}_${category}`);
      }
    }
  });

  it('use the same placeholders', () => {
    for (const [key, text] of byLocale.en) {
      if (PLURAL.test(key)) continue;
      assert.deepEqual(placeholders(byLocale.ar.get(key) ?? ''), placeholders(text), key);
    }
    for (const [key, text] of byLocale.ar) {
      const other = byLocale.en.get(key.replace(PLURAL, '_other'));
      if (!PLURAL.test(key) || other === undefined) continue;
      // "One row" in words needs no number; anything else must not be lost or invented.
      const [own, theirs] = [placeholders(text), placeholders(other)].map((names) =>
        names.filter((name) => name !== 'count'),
      );
      assert.deepEqual(own, theirs, key);
    }
  });

  it('keep Arabic in Arabic', () => {
    const latinOnly = [...byLocale.ar].filter(
      ([, text]) => /[A-Za-z]{3}/.test(text.replace(/\{\{[^}]*\}\}/g, '')) && !/[\u0600-\u06ff]/.test(text),
    );
    const names = /^(Bulkhead|OpenAPI|CSV|API|JSON|PNG|JPEG|WebP|MB)[\s\d.,·/A-Za-z{}]*$/;
    assert.deepEqual(
      latinOnly.filter(([key, text]) => !names.test(text) && byLocale.en.get(key) === text),
      [],
    );
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : sources(path);
    return /\.(ts|ejs)$/.test(entry.name) ? [path] : [];
  });
}

/** Keys given to t(…), and literals that name an existing namespace ('form:required' in a schema). */
function usedKeys(source: string, namespaces: Set<string>): string[] {
  const text = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const called = [...text.matchAll(/\bt\(\s*(['"])((?:(?!\1).)+)\1/g)].map((match) => match[2]!);
  const literal = [...text.matchAll(/(['"])([a-z-]+):([A-Za-z][\w.-]*)\1/g)]
    .filter((match) => namespaces.has(match[2]!))
    .map((match) => `${match[2]}:${match[3]}`);
  return [...called.map((key) => (key.includes(':') ? key : `common:${key}`)), ...literal];
}

describe('i18n: keys in use', () => {
  const namespaces = new Set(Object.keys(readCatalogue(messages, 'en')));
  const known = new Set([...stems(byLocale.en), ...byLocale.en.keys()]);

  for (const folder of ['views', 'server']) {
    it(`exist, in ${folder}/`, () => {
      const missing = sources(join(root, folder)).flatMap((path) =>
        usedKeys(readFileSync(path, 'utf8'), namespaces)
          .filter((key) => !known.has(key))
          .map((key) => `${path.slice(root.length + 1)}: ${key}`),
      );
      assert.deepEqual(missing, []);
    });
  }

  it('built from a variable start at an existing group', () => {
    const missing = [...sources(join(root, 'views')), ...sources(join(root, 'server'))].flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\bt\(\s*`([a-z-]+:[\w.-]*?)\$\{/g)]
        .map((match) => match[1]!)
        .filter((prefix) => ![...known].some((key) => key.startsWith(prefix)))
        .map((prefix) => `${path.slice(root.length + 1)}: ${prefix}`),
    );
    assert.deepEqual(missing, []);
  });

  it('are found by this very search', () => {
    assert.deepEqual(usedKeys(`t('offers:title', {}) t("skip") x('common:cancel')`, new Set(['common'])), [
      'offers:title',
      'common:skip',
      'common:cancel',
    ]);
  });
});

describe('i18n: translator', () => {
  const loaded = loadMessages(messages);

  it('isolates a value of the other script, so that it cannot reorder the sentence', () => {
    assert.equal(
      loaded.translator('ar')('common:list.select', { name: 'Corner & Co.' }),
      'تحديد \u2068Corner & Co.\u2069',
    );
    assert.equal(loaded.translator('en')('common:list.select', { name: 'متجر' }), 'Select \u2068متجر\u2069');
    assert.equal(
      loaded.translator('en')('common:list.select', { name: 'Corner & Co.' }),
      'Select Corner & Co.',
    );
  });

  it('chooses the plural form of the language', () => {
    const count = (n: number) => loaded.translator('ar')('common:list.count', { count: n });
    assert.deepEqual([1, 2, 3].map(count), ['صف واحد', 'صفان', '3 صفوف']);
    assert.match(count(11), /صفًا$/);
  });
});
