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

describe('charts: shaded cells', () => {
  const grid = (columns: number, more = {}) => ({
    ...{ id: 'h', title: 'Hours', summary: 'By hour', rows: ['Sun', 'Mon'] },
    columns: Array.from({ length: columns }, (_, i) => String(i)),
    cells: [0, 1].map((row) =>
      Array.from({ length: columns }, (_, i) => ({ value: row * columns + i, text: `${row * columns + i}` })),
    ),
    ...more,
  });
  const cellsOf = (html: string) =>
    [...html.matchAll(/heat-cell" data-shade="(\d)" x="([\d.]+)%" y="([\d.]+)" width="([\d.]+)%"/g)].map(
      ([, shade, x, y, width]) => ({
        shade: Number(shade),
        x: Number(x),
        y: Number(y),
        width: Number(width),
      }),
    );

  it('begin at the start side: at the left in English, at the right in Arabic', () => {
    const [en, ar] = (['en', 'ar'] as const).map((locale) => cellsOf(kit(locale).heat(grid(24)).html));
    assert.equal(en!.length, 48);
    assert.equal(en![0]!.x, 0);
    for (const [i, cell] of en!.entries()) {
      assert.ok(cell.x >= 0 && cell.x + cell.width <= 100.01);
      assert.ok(Math.abs(100 - 100 / 24 - cell.x - ar![i]!.x) < 0.02);
      assert.deepEqual([cell.y, cell.shade], [ar![i]!.y, ar![i]!.shade]);
    }
  });

  it('darken in five steps up to the largest, none for nothing', () => {
    const shades = cellsOf(kit('en').heat(grid(10)).html).map(({ shade }) => shade);
    assert.equal(shades[0], 0);
    assert.equal(shades.at(-1), 5);
    assert.deepEqual(
      shades,
      shades.toSorted((a, b) => a - b),
    );
    assert.deepEqual([...new Set(shades)], [0, 1, 2, 3, 4, 5]);
    const zeros = grid(3, { cells: [[], [{ value: null, text: '<5' }]] });
    assert.deepEqual(
      cellsOf(kit('en').heat(zeros).html).map(({ shade }) => shade),
      [0],
    );
  });

  it('escape what they say', () => {
    const { html } = kit('ar').heat(grid(2, { rows: ['<b>', '"'], isTold: true }));
    assert.doesNotMatch(html, /<b>|style=|NaN|undefined/);
  });
});

describe('charts: steps and strokes', () => {
  const rects = (html: string) =>
    [...html.matchAll(/bar-fill" x="([\d.]+)%"(?: y="30%")? width="([\d.]+)%"/g)].map(([, x, width]) => [
      Number(x),
      Number(width),
    ]);

  it('a funnel’s bars are shares of the first step, from the start side', () => {
    const steps = [200, 50, 10].map((value) => ({ label: 'x', value }));
    assert.deepEqual(rects(kit('en').funnel(steps).html), [
      [0, 100],
      [0, 25],
      [0, 5],
    ]);
    assert.deepEqual(rects(kit('ar').funnel(steps).html), [
      [0, 100],
      [75, 25],
      [95, 5],
    ]);
    assert.doesNotMatch(kit('en').funnel([{ label: '<', value: 0 }]).html, /NaN|<<|undefined/);
  });

  it('strokes lie where their values do, on the bars’ own scale', () => {
    const rows = [
      { label: 'a', own: 0.1, mark: 0.2, text: '' },
      { label: 'b', own: null, mark: null, text: '' },
    ];
    const [en, ar] = [kit('en').against(rows).html, kit('ar').against(rows).html];
    const at = (html: string) => Number(/against-mark" x1="([\d.]+)%"/.exec(html)![1]);
    assert.ok(Math.abs(at(en) - 2 * rects(en)[0]![1]!) < 0.2);
    assert.equal(at(en), Math.round((100 - at(ar)) * 10) / 10);
    assert.equal((en.match(/against-mark/g) ?? []).length, 1);
    assert.doesNotMatch(en + ar, /NaN|null|undefined/);
  });

  it('days that may still change are shaded at the end of time, which is at the left in Arabic', () => {
    const late = (locale: 'en' | 'ar') => {
      const [, x, width] = /chart-late" x="([\d.]+)" y="0" width="([\d.]+)"/.exec(
        kit(locale).time(chart('line', { late: 3 })).html,
      )!;
      return [Number(x), Number(x) + Number(width)];
    };
    const [en, ar] = [late('en'), late('ar')];
    assert.equal(en[1], 1000);
    assert.equal(ar[0], 0);
    assert.ok(Math.abs(en[0]! + ar[1]! - 1000) < 0.2);
    assert.ok(en[0]! > 660 && en[0]! < 780);
    assert.doesNotMatch(kit('en').time(chart('line')).html, /chart-late/);
  });
});
