import assert from 'node:assert/strict';
import { charts } from '../../server/charts/charts.ts';
import { formats } from '../../server/http/format.ts';
import { loadMessages } from '../../server/i18n/i18n.ts';
import { messages } from '../../server/paths.ts';

const catalogue = loadMessages(messages);
const kit = (locale: 'en' | 'ar') =>
  charts({
    t: catalogue.translator(locale),
    fmt: formats(locale, 'Asia/Riyadh'),
    dir: locale === 'ar' ? 'rtl' : 'ltr',
  });
const dates = Array.from({ length: 10 }, (_, i) => new Date(Date.UTC(2026, 4, 1 + i)));
const values = [3, 9, 4, 0, 7, 8, 2, 5, 6, 10];
const chart = (kind: 'line' | 'area' | 'bar', more = {}) => ({
  id: 'c',
  title: 'Claims',
  summary: 'Claims per day',
  kind,
  dates,
  series: [{ label: 'Claims', values }],
  ...more,
});
const linePath = (html: string) => /class="chart-line"[^>]* d="([^"]+)"/.exec(html)![1]!;
const points = (d: string) =>
  d
    .slice(1)
    .split('L')
    .map((pair) => pair.split(',').map(Number));

describe('charts: over time', () => {
  it('runs left to right in English and right to left in Arabic, with the same heights', () => {
    const en = points(linePath(kit('en').time(chart('line')).html));
    const ar = points(linePath(kit('ar').time(chart('line')).html));
    assert.equal(en[0]![0], 0);
    assert.equal(en.at(-1)![0], 1000);
    assert.equal(ar[0]![0], 1000);
    assert.equal(ar.at(-1)![0], 0);
    assert.deepEqual(
      ar.map(([, y]) => y),
      en.map(([, y]) => y),
    );
  });

  it('puts the largest value highest and zero on the ground', () => {
    const ys = points(linePath(kit('en').time(chart('line')).html)).map(([, y]) => y!);
    assert.equal(ys.indexOf(Math.min(...ys)), values.indexOf(10));
    assert.equal(ys[values.indexOf(0)], 240);
  });

  it('keeps every bar inside the plot, none negative', () => {
    for (const locale of ['en', 'ar'] as const) {
      const bars = [
        ...kit(locale)
          .time(chart('bar'))
          .html.matchAll(/class="chart-bar"[^>]* x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"/g),
      ];
      assert.equal(bars.length, values.length);
      for (const [, x, y, width, height] of bars) {
        assert.ok(Number(x) >= 0 && Number(x) + Number(width) <= 1000);
        assert.ok(Number(y) >= 0 && Number(height) >= 0 && Math.abs(Number(y) + Number(height) - 240) < 0.2);
      }
    }
  });

  it('has a name, a description and a table with the same figures', () => {
    const { html } = kit('en').time(chart('area'));
    assert.match(html, /role="img" aria-labelledby="c-title" aria-describedby="c-summary"/);
    assert.match(html, /id="c-title">Claims</);
    assert.match(html, /id="c-summary">Claims per day</);
    const cells = [...html.matchAll(/<td class="num"><bdi>([^<]+)<\/bdi><\/td>/g)].map((match) =>
      Number(match[1]),
    );
    assert.deepEqual(cells, values);
  });

  it('escapes labels and uses no inline style', () => {
    const { html } = kit('en').time(
      chart('line', { title: '<img src=x>', series: [{ label: '"><script>', values }] }),
    );
    assert.doesNotMatch(html, /<img|<script|style=/);
  });

  it('draws no NaN for one day, no day, or nothing but zeros', () => {
    const one = chart('line', { dates: dates.slice(0, 1), series: [{ label: 'a', values: [5] }] });
    const none = chart('area', { dates: [], series: [{ label: 'a', values: [] }] });
    const zeros = chart('bar', { series: [{ label: 'a', values: values.map(() => 0) }] });
    for (const spec of [one, none, zeros]) {
      for (const locale of ['en', 'ar'] as const)
        assert.doesNotMatch(kit(locale).time(spec).html, /NaN|undefined|Infinity|null/);
    }
  });

  it('names no half events on the axis of a small count', () => {
    const { html } = kit('en').time(
      chart('bar', { series: [{ label: 'a', values: values.map((_, i) => i % 3) }] }),
    );
    const labels = [...html.matchAll(/text-anchor="end" x="100%"[^>]*>([^<]+)</g)].map((match) => match[1]!);
    assert.ok(labels.length >= 2);
    assert.ok(
      labels.every((label) => /^\d+$/.test(label)),
      labels.join(),
    );
  });

  it('keeps Arabic tick words in order inside left-to-right ticks', () => {
    assert.match(kit('ar').time(chart('line')).html, /\u20671 مايو\u2069/);
  });
});

describe('charts: small ones', () => {
  it('a sparkline is decorative, mirrored in Arabic, and absent without a line to draw', () => {
    const [en, ar] = [kit('en').spark(values).html, kit('ar').spark(values).html];
    assert.match(en, /aria-hidden="true"/);
    assert.match(en, /class="spark-line" d="M0,/);
    assert.match(ar, /class="spark-line" d="M100,/);
    assert.equal(kit('en').spark([1]).html, '');
  });

  it('bars keep their share of the largest', () => {
    const { html } = kit('en').bars([
      { label: 'a', value: 200 },
      { label: '<b>', value: 50, href: '/x?a=1&b=2' },
      { label: 'c', value: 0 },
    ]);
    assert.deepEqual(
      [...html.matchAll(/width="([\d.]+)%"/g)].map((match) => Number(match[1])),
      [100, 25, 0],
    );
    assert.match(html, /href="\/x\?a=1&amp;b=2">&lt;b&gt;/);
    assert.doesNotMatch(kit('en').bars([]).html, /NaN|undefined/);
  });
});
