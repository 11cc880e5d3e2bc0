import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import { isKnownHeader } from '../columns.ts';
import { type CsvFormat, DELIMITERS, type Encoding, FileRefused } from './csv-format.ts';

/** Enough for any header row; a file is never read as a whole to guess from it. */
const SAMPLE_BYTES = 128 * 1024;

/**
 * Finds delimiter and quotes from the header row.
 * @throws FileRefused `one-column` when nothing separates columns.
 */
export async function detectFormat(path: string, encoding: Encoding): Promise<CsvFormat> {
  const text = await sample(path, encoding);
  const separator = /^sep=(.)\r?\n/.exec(text);
  const body = separator ? text.slice(separator[0].length) : text;
  const quote = usesSingleQuotes(body) ? "'" : '"';
  const told = DELIMITERS.find((delimiter) => delimiter === separator?.[1]);
  const delimiter = told ?? bestDelimiter(firstRecord(body, quote), quote);
  return { encoding, delimiter, quote, hasSeparatorLine: separator !== null };
}

async function sample(path: string, encoding: Encoding): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: SAMPLE_BYTES - 1 })) chunks.push(chunk);
  return iconv.decode(Buffer.concat(chunks), encoding);
}

/** `'Title';'Price'`: some exports use apostrophes. Only when a double quote opens no cell. */
function usesSingleQuotes(text: string): boolean {
  const line = text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
  if (/(^|[,;\t|])"/.test(line)) return false;
  const wrapped = line.match(/(^|[,;\t|])'[^']*'(?=$|[,;\t|])/g) ?? [];
  return wrapped.length >= 2;
}

/** Up to the first line end outside quotes; blank lines before it are passed over. */
function firstRecord(text: string, quote: string): string {
  const body = text.replace(/^[\r\n]+/, '');
  let quoted = false;
  for (let i = 0; i < body.length; i++) {
    if (body[i] === quote) quoted = !quoted;
    else if (!quoted && (body[i] === '\n' || body[i] === '\r')) return body.slice(0, i);
  }
  return body;
}

function split(record: string, delimiter: string, quote: string): string[] {
  const cells = [''];
  let quoted = false;
  for (const char of record) {
    if (char === quote) quoted = !quoted;
    else if (char === delimiter && !quoted) cells.push('');
    else cells[cells.length - 1] += char;
  }
  return cells;
}

/** Known column names weigh most: `Title;Colour, size;Price` has a comma too. */
function bestDelimiter(record: string, quote: string): CsvFormat['delimiter'] {
  const scored = DELIMITERS.map((delimiter) => {
    const cells = split(record, delimiter, quote);
    return { delimiter, cells: cells.length, score: cells.length + 20 * cells.filter(isKnownHeader).length };
  }).filter(({ cells }) => cells > 1);
  const best = scored.sort((a, b) => b.score - a.score)[0];
  if (!best) throw new FileRefused('one-column');
  return best.delimiter;
}
