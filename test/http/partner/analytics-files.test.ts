import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { arrangeFigures, shiftDay as shift, todayIn } from '../../support/analytics.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { amber } from '../../support/two-markets.ts';

describe('addresses and files of a market’s analytics', function () {
  this.timeout(120_000);
  let portals: TestPortals;
  let browser: Browser;
  let token: string;

  before(async () => {
    portals = await startPortals();
    await arrangeFigures(portals);
    token = await portals.token(partnerLogin('amber'));
    browser = await portals.signIn(partnerLogin('amber', 'analyst'));
  });
  after(() => portals?.close());

  const api = (path: string, query: Record<string, string> = {}) =>
    portals.partner.browser().api('get', `/analytics/${path}`, { token, query });

  describe('refuses ranges that can’t be, naming the field', () => {
    const bad: [Record<string, string>, string][] = [
      [{ range: 'forever' }, 'range'],
      [{ range: 'custom' }, 'from'],
      [{ range: 'custom', from: '2026-02-31', to: '2026-03-01' }, 'from'],
      [{ range: 'custom', from: '2026-01-02', to: '2026-01-01' }, 'from'],
      [{ range: 'custom', from: '2024-01-01', to: '2026-01-01' }, 'from'],
      [{ range: 'custom', from: '1990-01-01', to: '1990-02-01' }, 'from'],
      [{ range: 'custom', from: '2026-01-01', to: '2999-01-01' }, 'to'],
      [{ range: 'custom', from: '2026-01-01', to: "'; drop table" }, 'to'],
      [{ compare: 'never' }, 'compare'],
    ];
    for (const [query, field] of bad) {
      it(JSON.stringify(query), async () => {
        const search = new URLSearchParams(query);
        const page = await browser.get(`/analytics?${search}`);
        assert.equal(page.status, 422);
        const place = field === 'range' ? '#f-range' : `id="f-${field}-error"`;
        assert.ok(page.text.includes(place), place);
        assert.doesNotMatch(page.text, /class="kpis"/);
        assert.equal((await browser.get(`/analytics/days.csv?${search}`)).status, 422);
        const answer = await api('days', query);
        assert.equal(answer.status, 422);
        assert.ok(
          answer.body.errors.some((error: { field: string }) => error.field === field),
          answer.text,
        );
      });
    }

    it('today is not over, and 366 days are the most', async () => {
      const today = await todayIn(portals, amber);
      const ask = (from: string, to: string) => api('days', { range: 'custom', from, to });
      assert.equal((await ask(shift(today, -3), today)).status, 422);
      assert.equal((await ask(shift(today, -366), shift(today, -1))).status, 200);
      assert.equal((await ask(shift(today, -367), shift(today, -1))).status, 422);
    });

    it('a kind of event that there is none of', async () => {
      assert.equal((await api('hours', { measure: 'theft' })).status, 422);
      assert.equal((await browser.get('/analytics?measure=theft')).status, 422);
    });
  });

  describe('gives each picture as a table and as a file', () => {
    it('with the same cells', async () => {
      const page = await browser.get('/analytics?range=30');
      const { data } = {
        data: parse((await browser.get('/analytics/days.csv?range=30')).text, { bom: true }) as string[][],
      };
      assert.equal(data.length, 31);
      const { body } = await api('days');
      assert.deepEqual(
        data.slice(1).map(([day, views, claims, redemptions]) => ({
          day,
          views: Number(views),
          claims: Number(claims),
          redemptions: Number(redemptions),
        })),
        body.days.map(({ views, claims, redemptions, day }: Record<string, unknown>) => ({
          day,
          views,
          claims,
          redemptions,
        })),
      );
      const table = page.text.slice(page.text.indexOf('id="days-heading"'));
      const cells = [
        ...table
          .slice(0, table.indexOf('</table>'))
          .matchAll(/<td class="num"><bdi><bdi>([\d,]+)<\/bdi><\/bdi><\/td>/g),
      ];
      assert.deepEqual(
        cells.slice(0, 3).map(([, text]) => text),
        data[1]!.slice(1, 4),
      );
    });

    it('none of whose cells a spreadsheet would run', async () => {
      await portals.sql(`update offer set title_en = '=HYPERLINK("http://x")' where id = $1`, [amber.offer]);
      const file = await browser.get('/analytics/offers.csv?range=90');
      const titles = (parse(file.text, { bom: true }) as string[][]).map(([title]) => title);
      assert.ok(titles.includes(`'=HYPERLINK("http://x")`), titles.join());
      assert.match(file.headers['content-disposition']!, /offers\.csv/);
    });

    it('with no inline style, in Arabic from the right', async () => {
      const arabic = browser.copy();
      arabic.cookies.set('bulkhead-locale', 'ar');
      const page = await arabic.get('/analytics');
      assert.match(page.text, /<html[^>]* dir="rtl"/);
      assert.match(page.text, /التحليلات/);
      assert.doesNotMatch(page.text, /style=|analytics:|NaN|undefined/);
      assert.match((await arabic.get('/analytics/funnel.csv')).text, /المشاهدات/);
    });
  });
});
