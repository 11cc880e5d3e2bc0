import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { KEY_PREFIX, keyId, keyText } from '../../server/public/publishable-key.ts';

const ids = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('the text of a publishable key', () => {
  it('gives back the id it was made from, whatever the id', () => {
    for (const id of ids) assert.equal(keyId(keyText(id)), id);
    fc.assert(fc.property(fc.uuid(), (id) => keyId(keyText(id)) === id));
  });

  it('always has one form, which scanners can look for', () => {
    fc.assert(fc.property(fc.uuid(), (id) => /^pk_live_[0-9A-Za-z]{28}$/.test(keyText(id))));
  });

  it('knows every mistyped character and every two that were swapped', () => {
    const text = keyText(randomUUID());
    for (let at = KEY_PREFIX.length; at < text.length; at++) {
      for (const digit of DIGITS) {
        if (digit !== text[at]) assert.equal(keyId(text.slice(0, at) + digit + text.slice(at + 1)), null);
      }
      const swapped = text.slice(0, at) + (text[at + 1] ?? '') + text[at] + text.slice(at + 2);
      if (swapped !== text && at + 1 < text.length) assert.equal(keyId(swapped), null);
    }
  });

  it('takes nothing else for a key', () => {
    const text = keyText(randomUUID());
    const others = [
      '',
      KEY_PREFIX,
      text.slice(1),
      `${text}0`,
      ` ${text}`,
      `${text}\n`,
      text.toUpperCase(),
      text.replace('live', 'test'),
    ];
    for (const other of others) assert.equal(keyId(other), null, other);
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (any) => keyId(any) === null));
  });

  it('refuses a number that is no UUID, even with the right checksum', () => {
    // The largest number of 22 digits is larger than any UUID: only a checksum of its own could make it pass.
    const crc = (body: string) => {
      let value = 0xffffffff;
      for (const byte of Buffer.from(body)) {
        value ^= byte;
        for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
      }
      return (value ^ 0xffffffff) >>> 0;
    };
    const base62 = (number: bigint): string =>
      number ? base62(number / 62n) + DIGITS[Number(number % 62n)] : '';
    const sealed = (body: string) => body + base62(BigInt(crc(body))).padStart(6, '0');
    assert.equal(keyId(sealed(`${KEY_PREFIX}${'z'.repeat(22)}`)), null);
    assert.equal(sealed(keyText(ids[1]!).slice(0, -6)), keyText(ids[1]!));
  });
});
