import assert from 'node:assert/strict';
import { decimal, formats, fractionDigits } from '../../server/http/format.ts';
import { attrs, escapeHtml, html, Markup } from '../../server/http/markup.ts';

const plain = (text: string) =>
  text.replace(/[\u200e\u200f\u061c\u2066-\u2069]/g, '').replace(/\u00a0/g, ' ');

describe('formats', () => {
  const en = formats('en', 'Asia/Riyadh', () => new Date('2026-05-01T12:00:00Z'));
  const ar = formats('ar', 'Asia/Riyadh', () => new Date('2026-05-01T12:00:00Z'));

  it('gives each currency its own digits', () => {
    assert.deepEqual(['SAR', 'KWD', 'JPY'].map(fractionDigits), [2, 3, 0]);
    assert.equal(plain(`${en.money(1250, 'SAR')}`), 'SAR 12.50');
    assert.equal(plain(`${en.money(1250, 'KWD')}`), 'KWD 1.250');
    assert.equal(plain(`${en.money(1250, 'JPY')}`), 'JP¥1,250');
    assert.match(plain(`${ar.money(1250, 'SAR')}`), /^12\.50 ر\.س\.$/);
  });

  it('keeps minor units exact where a division would not', () => {
    assert.equal(decimal(5, 'SAR'), '0.05');
    assert.equal(decimal(-5, 'KWD'), '-0.005');
    assert.equal(decimal(700, 'JPY'), '700');
    assert.equal(decimal(900_719_925_474_099, 'SAR'), '9007199254740.99');
    assert.match(plain(`${en.money(900_719_925_474_099, 'SAR')}`), /9,007,199,254,740\.99$/);
  });

  it('refuses a currency that cannot be one', () => {
    assert.throws(() => en.money(1, 'RIYAL'), RangeError);
  });

  it("shows instants in the market's zone, in the Gregorian calendar and Latin digits", () => {
    const lateEvening = '2026-05-01T22:30:00Z';
    assert.equal(en.date(lateEvening).text, '2 May 2026');
    assert.equal(formats('en', 'America/New_York').date(lateEvening).text, '1 May 2026');
    assert.match(ar.dateTime(lateEvening).text, /2 مايو 2026/);
    assert.doesNotMatch(ar.dateTime(lateEvening).text, /[٠-٩]|1447/);
  });

  it('prints HTML in a template and text in an attribute', () => {
    assert.match(escapeHtml(en.money(1250, 'SAR')), /^<bdi>SAR\s12\.50<\/bdi>$/);
    assert.match(escapeHtml(en.date('2026-05-01')), /^<time datetime="2026-05-01">1 May 2026<\/time>$/);
    assert.doesNotMatch(attrs({ title: en.money(1250, 'SAR') }).html, /bdi/);
  });

  it('shows a dash for what is absent or no date', () => {
    for (const value of [
      en.money(null, 'SAR'),
      en.number(undefined),
      en.date(null),
      en.date('soon'),
      en.relative(null),
    ]) {
      assert.equal(value.text, '–');
    }
  });

  it('tells time from now in words', () => {
    assert.equal(en.relative('2026-05-01T10:00:00Z').text, '2 hours ago');
    assert.equal(en.relative('2026-04-30T11:00:00Z').text, 'yesterday');
    assert.equal(ar.relative('2026-05-01T10:00:00Z').text, 'قبل ساعتين');
  });

  it('signs a change and formats ratios', () => {
    assert.equal(plain(en.change(0.124).text), '+12.4%');
    assert.equal(plain(en.change(-0.031).text), '-3.1%');
    assert.equal(plain(en.percent(0.5).text), '50%');
  });
});

describe('format: markup', () => {
  it('escapes everything but Markup', () => {
    assert.equal(escapeHtml(`<a href="x">'&`), '&lt;a href=&#34;x&#34;&gt;&#39;&amp;');
    assert.equal(escapeHtml(new Markup('<b>x</b>')), '<b>x</b>');
    assert.equal(escapeHtml([new Markup('<b>x</b>'), '<i>']), '<b>x</b>&lt;i&gt;');
    assert.equal(escapeHtml(null) + escapeHtml(undefined), '');
    assert.equal(html`<p>${'<script>'}</p>`.html, '<p>&lt;script&gt;</p>');
  });

  it('makes attributes, and refuses a name that would end the tag', () => {
    assert.equal(
      attrs({ required: true, hidden: false, max: 0, title: '"><' }).html,
      ' required max="0" title="&#34;&gt;&lt;"',
    );
    assert.throws(() => attrs({ 'x onload': 'y' }));
  });
});
