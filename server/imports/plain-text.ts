import { compile } from 'html-to-text';

const convert = compile({
  wordwrap: false,
  // A page of markup without an end must not become a stack without one.
  limits: { maxInputLength: 500_000, maxDepth: 100 },
  selectors: [
    { selector: 'a', options: { ignoreHref: true } },
    { selector: 'img', format: 'skip' },
    { selector: 'hr', format: 'skip' },
    ...['script', 'style', 'iframe', 'object', 'svg', 'noscript'].map((selector) => ({
      selector,
      format: 'skip',
    })),
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'table', options: { uppercaseHeaderCells: false } },
  ],
});

/** Half a surrogate pair, which PostgreSQL can't store, becomes U+FFFD. */
export const wellFormed = (text: string): string =>
  (text as string & { toWellFormed(): string }).toWellFormed();

/** A product's HTML as the plain text of an offer: entities decoded, lists and paragraphs as lines, no markup. */
export function plainText(html: string): string {
  const text = /[<&]/.test(html) ? convert(html) : html;
  return text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]+|\u00a0/gu, ' ')
    .replace(/ *\n */g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
