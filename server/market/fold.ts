/** Arabic letters that people write interchangeably, each with the one that is stored; '' leaves a mark out. */
const FOLDED = new Map<string, string>([
  ...[...'أإآٱ'].map((letter) => [letter, 'ا'] as const),
  ['ى', 'ي'],
  ['ة', 'ه'],
  ['ؤ', 'و'],
  ['ئ', 'ي'],
  // Tatweel and the short vowels.
  ...[...'\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670'].map((mark) => [mark, ''] as const),
]);

/** More words than this narrow nothing down any further. */
const MOST_WORDS = 8;

/** The same as `app.fold()` does in the database to what is stored: Latin letters lower, Arabic variants one. */
export function fold(words: string): string {
  const lower = words.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return [...lower].map((letter) => FOLDED.get(letter) ?? letter).join('');
}

/**
 * A condition on a folded `searchText` column: every typed word stands somewhere in it. Empty when nothing was
 * typed. `%` and `_` are searched for as themselves.
 */
export function searchWhere(typed: string): { AND?: { searchText: { contains: string } }[] } {
  const words = foldedWords(typed);
  if (words.length === 0) return {};
  return { AND: words.map((word) => ({ searchText: { contains: word } })) };
}

/** The same as LIKE patterns, all of which have to match. */
export const foldedPatterns = (typed: string): string[] => foldedWords(typed).map((word) => `%${word}%`);

const foldedWords = (typed: string): string[] =>
  fold(typed.normalize('NFC'))
    .split(/\s+/u)
    .filter(Boolean)
    .slice(0, MOST_WORDS)
    .map((word) => word.replace(/[\\%_]/g, '\\$&'));
