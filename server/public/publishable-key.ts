import { crc32 } from 'node:zlib';

/** What secret scanners and people recognise. */
export const KEY_PREFIX = 'pk_live_';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 22;
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(`^${KEY_PREFIX}[0-9A-Za-z]{${ID_LENGTH + CHECKSUM_LENGTH}}$`);

/**
 * A publishable key as pages carry it: prefix, the key row's UUID in base 62, and a CRC-32 of both, so that a typing
 * mistake is told from an unknown key without asking anybody. None of it is secret.
 */
export function keyText(id: string): string {
  const body = KEY_PREFIX + toBase62(BigInt(`0x${id.replaceAll('-', '')}`), ID_LENGTH);
  return body + checksum(body);
}

/** The key row's id, or null for what is no key of ours: wrong prefix, length, alphabet or checksum. */
export function keyId(text: string): string | null {
  if (!FORM.test(text)) return null;
  const body = text.slice(0, -CHECKSUM_LENGTH);
  if (checksum(body) !== text.slice(-CHECKSUM_LENGTH)) return null;
  const number = fromBase62(body.slice(KEY_PREFIX.length));
  if (number >> 128n) return null;
  const hex = number.toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const checksum = (body: string): string => toBase62(BigInt(crc32(body)), CHECKSUM_LENGTH);

function toBase62(number: bigint, length: number): string {
  let text = '';
  for (let rest = number; rest > 0n; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text;
  return text.padStart(length, '0');
}

function fromBase62(text: string): bigint {
  let number = 0n;
  for (const digit of text) number = number * 62n + BigInt(DIGITS.indexOf(digit));
  return number;
}
