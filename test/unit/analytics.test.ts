import assert from 'node:assert/strict';
import { returningTable } from '../../server/analytics/analytics-tables.ts';
import { addDays, addMonths, dayIn, daysBetween, eachDay, isDay } from '../../server/analytics/calendar.ts';
import { lastDays, rangeOf, spanOf } from '../../server/analytics/range.ts';
import { loadMessages } from '../../server/i18n/i18n.ts';
import { messages } from '../../server/paths.ts';

describe('analytics: calendar', () => {
  it('counts days across clock changes, months and leap days', () => {
    assert.equal(addDays('2026-03-28', 2), '2026-03-30');
    assert.equal(daysBetween('2024-02-28', '2024-03-01'), 2);
    assert.deepEqual(eachDay('2026-12-31', '2027-01-01'), ['2026-12-31', '2027-01-01']);
    assert.deepEqual(eachDay('2026-01-02', '2026-01-01'), []);
    assert.equal(addMonths('2024-02-29', -12), '2023-02-28');
    assert.equal(addMonths('2026-01-31', 1), '2026-02-28');
    assert.equal(addMonths('2026-01-15', -1), '2025-12-15');
  });

  it('knows which day it is where', () => {
    const at = new Date('2026-11-22T22:30:00Z');
    assert.deepEqual(
      ['Pacific/Kiritimati', 'Asia/Riyadh', 'UTC', 'America/Los_Angeles'].map((zone) => dayIn(zone, at)),
      ['2026-11-23', '2026-11-23', '2026-11-22', '2026-11-22'],
    );
  });

  it('takes no day that does not exist', () => {
    for (const bad of ['2026-02-29', '2026-13-01', '2026-1-1', '20260101', '', '2026-00-10', '٢٠٢٦-٠١-٠١'])
      assert.equal(isDay(bad), false, bad);
    assert.ok(isDay('2024-02-29'));
  });
});

describe('analytics: ranges', () => {
  it('end with yesterday and compare as many days', () => {
    const range = lastDays(30, '2026-11-23');
    assert.deepEqual([range.from, range.to, range.days.length], ['2026-10-24', '2026-11-22', 30]);
    assert.deepEqual(range.before, { from: '2026-09-24', to: '2026-10-23' });
    assert.equal(range.late, 7);
  });

  it('follow months, also on their first day', () => {
    assert.deepEqual(spanOf('this-month', '2026-11-23'), { from: '2026-11-01', to: '2026-11-22' });
    assert.deepEqual(spanOf('last-month', '2026-03-31'), { from: '2026-02-01', to: '2026-02-28' });
    const first = rangeOf(spanOf('this-month', '2026-11-01'), '2026-11-01', 'this-month', 'previous');
    assert.deepEqual([first.days, first.late], [[], 0]);
  });

  it('say how many days may still change', () => {
    const late = (to: string) => rangeOf({ from: '2026-11-01', to }, '2026-11-23', 'custom', 'previous').late;
    assert.deepEqual(['2026-11-22', '2026-11-20', '2026-11-16', '2026-11-15'].map(late), [7, 5, 1, 0]);
  });

  it('compare with the same days of a year before', () => {
    const { before } = rangeOf({ from: '2024-02-29', to: '2024-03-02' }, '2026-01-01', 'custom', 'year');
    assert.deepEqual(before, { from: '2023-02-28', to: '2023-03-02' });
  });
});

describe('analytics: returning shoppers', () => {
  it('tell no count under five, nor a share of what they would give away', () => {
    const t = loadMessages(messages).translator('en');
    const { rows } = returningTable(
      [
        { month: '2026-08-01', shoppers: 20, again: [10, null, 5] },
        { month: '2026-09-01', shoppers: null, again: [null, null] },
        { month: '2026-10-01', shoppers: 8, again: [8] },
        { month: '2026-11-01', shoppers: 6, again: [] },
      ],
      { t, locale: 'en' },
    );
    assert.deepEqual(rows, [
      ['2026-08-01', 20, 0.5, '<5', 0.25],
      ['2026-09-01', '<5', '<5', '<5', null],
      ['2026-10-01', 8, 1, null, null],
      ['2026-11-01', 6, null, null, null],
    ]);
  });
});
