import { createReadStream } from 'node:fs';
import { type Encoding, FileRefused } from './csv-format.ts';

/** What often gets a .csv name by mistake, by its first bytes. */
const SIGNATURES: readonly [code: string, bytes: readonly number[]][] = [
  ['workbook', [0x50, 0x4b, 0x03, 0x04]],
  ['workbook', [0xd0, 0xcf, 0x11, 0xe0]],
  ['not-text', [0x89, 0x50, 0x4e, 0x47]],
  ['not-text', [0xff, 0xd8, 0xff]],
  ['not-text', [0x47, 0x49, 0x46, 0x38]],
  ['not-text', [0x25, 0x50, 0x44, 0x46]],
  ['not-text', [0x52, 0x49, 0x46, 0x46]],
  ['not-text', [0x1f, 0x8b]],
];

/** Letters of Arabic in windows-1256, the codes of × and of the French letters between them left out. */
const isArabic1256 = (byte: number): boolean =>
  (byte >= 0xc0 && byte <= 0xdf && byte !== 0xd7) ||
  byte === 0xe1 ||
  (byte >= 0xe3 && byte <= 0xe6) ||
  byte === 0xec ||
  byte === 0xed;

/** Codes that windows-1252 leaves undefined. */
const UNDEFINED_1252 = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

interface Census {
  bytes: number;
  high: number;
  undefined1252: number;
  /** Arabic letters next to another one: words, where an accented Latin letter mostly stands alone. */
  arabic: number;
  control: number;
  /** NUL bytes at even and at odd places. */
  readonly nul: [number, number];
}

/**
 * Reads the whole file once and tells how its characters are written. Nothing is guessed where a guess can be
 * wrong without a sign: what fits no encoding is refused.
 * @throws FileRefused `empty`, `workbook`, `not-text`, `nul`, `encoding`
 */
export async function detectEncoding(path: string): Promise<Encoding> {
  const head = await readHead(path);
  const signature = SIGNATURES.find(([, bytes]) => bytes.every((byte, i) => head[i] === byte));
  if (signature) throw new FileRefused(signature[0]);
  const mark = byteOrderMark(head);
  if (mark) return (await isValid(path, mark)) ? mark : refuse('encoding');
  const census = await count(path);
  const wide = wideEncoding(census);
  if (wide) return (await isValid(path, wide)) ? wide : refuse('not-text');
  if (census.control > census.bytes / 100) refuse('not-text');
  if (census.nul[0] + census.nul[1] > 0) refuse('nul');
  if (await isValid(path, 'utf-8')) return 'utf-8';
  return legacyEncoding(census);
}

function refuse(code: string): never {
  throw new FileRefused(code);
}

async function readHead(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: 15 })) chunks.push(chunk);
  if (chunks.length === 0) throw new FileRefused('empty');
  return Buffer.concat(chunks);
}

function byteOrderMark(head: Buffer): Encoding | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return undefined;
}

async function count(path: string): Promise<Census> {
  const census: Census = { bytes: 0, high: 0, undefined1252: 0, arabic: 0, control: 0, nul: [0, 0] };
  let before = 0;
  for await (const chunk of createReadStream(path)) {
    for (const byte of chunk as Buffer) {
      if (byte >= 0x80) countHigh(census, byte, before);
      else if (byte === 0) census.nul[(census.bytes & 1) as 0 | 1]++;
      else if (byte < 0x20 && (byte < 0x09 || byte > 0x0d)) census.control++;
      census.bytes++;
      before = byte;
    }
  }
  return census;
}

function countHigh(census: Census, byte: number, before: number): void {
  census.high++;
  if (UNDEFINED_1252.has(byte)) census.undefined1252++;
  if (isArabic1256(byte) && isArabic1256(before)) census.arabic++;
}

/** UTF-16 without a mark: delimiters, digits and line ends have a zero byte, always on the same side. */
function wideEncoding({ nul: [even, odd], bytes }: Census): Encoding | undefined {
  if (even + odd < bytes / 20) return undefined;
  if (even * 20 < odd) return 'utf-16le';
  if (odd * 20 < even) return 'utf-16be';
  return undefined;
}

function legacyEncoding({ arabic, high, undefined1252 }: Census): Encoding {
  if (arabic > high / 2) return 'windows-1256';
  if (undefined1252 === 0 && arabic < high / 8) return 'windows-1252';
  throw new FileRefused('encoding');
}

async function isValid(
  path: string,
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | Encoding,
): Promise<boolean> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const chunk of createReadStream(path)) decoder.decode(chunk as Buffer, { stream: true });
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
