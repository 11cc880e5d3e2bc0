import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decimal } from '../../server/http/format.ts';
import { parseMoney } from '../../server/http/money.ts';
import { safePath } from '../../server/http/preferences.routes.ts';
import { parseInputDateTime, toInputDateTime } from '../../server/http/zoned-time.ts';

describe('format: typed money', () => {
  it('reads amounts as they are typed, in both scripts', () => {
    assert.equal(parseMoney('12.5', 'SAR'), 1250);
    assert.equal(parseMoney(' 1,250.50 ', 'SAR'), 125_050);
    assert.equal(parseMoney('١٢٫٥٠', 'SAR'), 1250);
    assert.equal(parseMoney('1.250', 'KWD'), 1250);
    assert.equal(parseMoney('0', 'JPY'), 0);
  });

  it('refuses what is not an amount of this currency', () => {
    for (const text of ['', '-1', '1.234', '12,50', '1e3', 'SAR 5', '٫5', 'NaN', '20000000.01', '1 000']) {
      assert.equal(parseMoney(text, 'SAR'), null, text);
    }
    assert.equal(parseMoney('1.5', 'JPY'), null);
  });

  it('reads back every amount that it writes', () => {
    const currency = fc.constantFrom('SAR', 'KWD', 'JPY');
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000_000_000 }),
        currency,
        (minor, code) => parseMoney(decimal(minor, code), code) === minor,
      ),
    );
  });
});

describe("format: the market's wall clock", () => {
  it('reads and writes the zone, not the server', () => {
    const at = new Date('2026-05-01T06:30:00Z');
    assert.equal(toInputDateTime(at, 'Asia/Riyadh'), '2026-05-01T09:30');
    assert.deepEqual(parseInputDateTime('2026-05-01T09:30', 'Asia/Riyadh'), at);
    assert.equal(toInputDateTime(null, 'Asia/Riyadh'), '');
  });

  it('refuses dates that do not exist', () => {
    for (const text of [
      '2026-02-31T10:00',
      '2026-13-01T10:00',
      '2026-05-01T24:00',
      '2026-05-01',
      'tomorrow',
      '2026-05-01T9:30',
    ]) {
      assert.equal(parseInputDateTime(text, 'Asia/Riyadh'), null, text);
    }
  });

  it('refuses the minute that spring skips and takes the first of two in autumn', () => {
    assert.equal(parseInputDateTime('2026-03-29T02:30', 'Europe/Berlin'), null);
    assert.equal(
      parseInputDateTime('2026-10-25T02:30', 'Europe/Berlin')?.toISOString(),
      '2026-10-25T00:30:00.000Z',
    );
  });

  it('comes back to the same minute', () => {
    const minute = fc.integer({ min: 0, max: 60_000_000 }).map((n) => new Date(n * 60_000));
    fc.assert(
      fc.property(
        minute,
        fc.constantFrom('Asia/Riyadh', 'Asia/Kolkata', 'Africa/Cairo', 'UTC'),
        (at, zone) => {
          const back = parseInputDateTime(toInputDateTime(at, zone), zone);
          // An hour that autumn repeats is read as its first pass.
          return back !== null && [0, 3_600_000].includes(at.getTime() - back.getTime());
        },
      ),
    );
  });
});

describe('format: the way back after a preference', () => {
  it('stays on this origin', () => {
    assert.equal(safePath('/offers?q=%D8%AA&sort=name'), '/offers?q=%D8%AA&sort=name');
    for (const bad of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      'offers',
      '',
      '/a\nb',
      '/a\\b',
      ['/a'],
      null,
      { a: 1 },
    ]) {
      assert.equal(safePath(bad), '/', String(bad));
    }
  });
});
