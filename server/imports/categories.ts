import { fold } from '../market/fold.ts';

export interface NamedCategory {
  readonly id: string;
  readonly slug: string;
  readonly nameEn: string;
  readonly nameAr: string;
}

/** Words of a file to the id of a shared category, or null. */
export type MatchCategory = (words: readonly string[]) => string | null;

const normal = (words: string): string =>
  fold(words.normalize('NFC').toLowerCase())
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The same without a plural's ending: "Shoes" and "shoe" are one. */
const singular = (words: string): string =>
  words.replace(/(ss|x|ch|sh)es\b/g, '$1').replace(/([^s\W])s\b/g, '$1');

/** Finds a category by its slug or one of its names; the first of the given words that fits counts. */
export function categoryMatcher(categories: readonly NamedCategory[]): MatchCategory {
  const exact = new Map<string, string>();
  const loose = new Map<string, string>();
  for (const { id, slug, nameEn, nameAr } of categories) {
    for (const name of [slug, nameEn, nameAr].map(normal).filter(Boolean)) {
      if (!exact.has(name)) exact.set(name, id);
      if (!loose.has(singular(name))) loose.set(singular(name), id);
    }
  }
  return (words) => {
    const names = words.map(normal).filter(Boolean);
    const found = names.map((name) => exact.get(name) ?? loose.get(singular(name)));
    return found.find((id) => id !== undefined) ?? null;
  };
}

/**
 * The words to look for, the most telling first: the path of a category from its leaf up
 * ("Home & Garden > Lighting > Lamps"), the type, then each tag.
 */
export function categoryWords(category: string, type: string, tags: string): string[] {
  const path = category.split('>').reverse();
  return [...path, type, ...tags.split(',')].map((word) => word.trim()).filter(Boolean);
}
