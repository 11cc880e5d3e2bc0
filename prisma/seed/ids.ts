/** Kinds of demo rows. A kind's number is part of its ids: add new ones at the end. */
const KINDS = [
  'market',
  'category',
  'staff',
  'person',
  'member',
  'branch',
  'image',
  'offer',
  'decision',
  'event',
  'audit',
  'platformAudit',
  'shopper',
  'claim',
  'key',
  'override',
  'planChange',
  'device',
  'campaign',
  'recipient',
  'redemption',
] as const;
export type Kind = (typeof KINDS)[number];

const EPOCH = Date.UTC(2026, 0, 1);

/** Spreads neighbouring numbers over 32 bits, so that shortened ids still look different. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** UUID v7 of the n-th row of a kind: from a fixed day and a counter, so the same in every seeded database. */
export function demoId(kind: Kind, n: number): string {
  const number = KINDS.indexOf(kind) + 1;
  const time = hex(EPOCH + n, 12);
  const high = mix(n * 16 + number);
  const low = mix(high ^ n);
  const variant = hex(0x8000 | (high & 0x3fff), 4);
  const tail = hex(low, 8) + hex(n & 0xffff, 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(number, 3)}-${variant}-${tail}`;
}

/** The same id with another instant in it, in milliseconds since 1970: an event's id says when it happened. */
export function withTime(id: string, at: number): string {
  const time = hex(Math.floor(at), 12);
  return `${time.slice(0, 8)}-${time.slice(8)}${id.slice(13)}`;
}
