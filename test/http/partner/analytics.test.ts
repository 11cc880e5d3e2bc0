import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { sql as statement } from '../../../server/db/direct.ts';
import { withClient } from '../../../server/db/setup/connect.ts';
import { marketJobScope } from '../../../server/jobs/job-scope.ts';
import { arrangeFigures, type RawRow, rawEvents, todayIn } from '../../support/analytics.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { unknownId } from '../../support/offers.ts';
import { amber, basil, type MarketFixture } from '../../support/two-markets.ts';

const PICTURES = ['days', 'offers', 'branches', 'hours', 'funnel', 'returning', 'benchmarks'] as const;
const DAY = 86_400_000;
const shift = (day: string, days: number) =>
  new Date(Date.parse(`${day}T12:00:00Z`) + days * DAY).toISOString().slice(0, 10);

describe('analytics of a market', function () {
  this.timeout(120_000);
  let portals: TestPortals;
  let browser: Browser;
  const tokens = new Map<MarketFixture, string>();
  const raw = new Map<MarketFixture, RawRow[]>();

  before(async () => {
    portals = await startPortals();
    await arrangeFigures(portals);
    for (const market of [amber, basil]) {
      tokens.set(market, await portals.token(partnerLogin(market.side as 'amber')));
      raw.set(market, await rawEvents(portals, market));
    }
    browser = await portals.signIn(partnerLogin('amber', 'analyst'));
  });
  after(() => portals?.close());

  const api = (path: string, query: Record<string, string> = {}, market: MarketFixture = amber) =>
    portals.partner.browser().api('get', `/analytics/${path}`, { token: tokens.get(market)!, query });
  const within = (market: MarketFixture, from: string, to: string, where: Partial<RawRow> = {}) =>
    raw.get(market)!.filter((row) => {
      const fits = Object.entries(where).every(([key, value]) => row[key as keyof RawRow] === value);
      return fits && row.day >= from && row.day <= to;
    });
  const countOf = (rows: readonly RawRow[]) => ({
    views: rows.filter(({ kind }) => kind === 'view').length,
    claims: rows.filter(({ kind }) => kind === 'claim').length,
    redemptions: rows.filter(({ kind }) => kind === 'redeem').length,
  });

  describe('says what the events say', () => {
    for (const market of [amber, basil]) {
      it(`of ${market.side}, for every range, by its own calendar and without today`, async () => {
        const today = await todayIn(portals, market);
        const first = `${today.slice(0, 8)}01`;
        const lastFirst = `${shift(first, -1).slice(0, 8)}01`;
        const spans: Record<string, [string, string]> = {
          '7': [shift(today, -7), shift(today, -1)],
          '30': [shift(today, -30), shift(today, -1)],
          '90': [shift(today, -90), shift(today, -1)],
          'this-month': [first, shift(today, -1)],
          'last-month': [lastFirst, shift(first, -1)],
        };
        for (const [range, [from, to]] of Object.entries(spans)) {
          const { status, body } = await api('days', { range }, market);
          assert.equal(status, 200, JSON.stringify(body));
          assert.deepEqual(body.span, { from, to }, range);
          assert.deepEqual(body.total, countOf(within(market, from, to)), range);
          assert.deepEqual(
            body.totalBefore,
            countOf(within(market, body.spanBefore.from, body.spanBefore.to)),
            `before ${range}`,
          );
          for (const { day, ...counts } of body.days)
            assert.deepEqual(counts, countOf(within(market, day, day)), day);
        }
      });
    }

    it('for own dates, against the days before or those of a year before', async () => {
      const today = await todayIn(portals, amber);
      const [from, to] = [shift(today, -25), shift(today, -12)];
      const { body } = await api('days', { range: 'custom', from, to });
      assert.deepEqual(body.spanBefore, { from: shift(from, -14), to: shift(from, -1) });
      assert.deepEqual(body.total, countOf(within(amber, from, to)));
      assert.equal(body.mayChange, 0);
      const before = countOf(within(amber, body.spanBefore.from, body.spanBefore.to));
      assert.equal(body.change.views, (body.total.views - before.views) / before.views);
      const year = await api('days', { range: 'custom', from, to, compare: 'year' });
      assert.equal(year.body.spanBefore.from.slice(4), from.slice(4));
      assert.equal(year.body.change.views, null);
    });

    it('by offer, branch, and both', async () => {
      const today = await todayIn(portals, amber);
      const [from, to] = [shift(today, -30), shift(today, -1)];
      const offers = await api('offers');
      assert.equal(offers.body.rows.length, 2);
      for (const { id, views, claims, redemptions, claimRate } of offers.body.rows) {
        const counts = countOf(within(amber, from, to, { offer: id }));
        assert.deepEqual({ views, claims, redemptions }, counts);
        assert.equal(claimRate, counts.claims / counts.views);
      }
      const branches = await api('branches');
      for (const { id, views, claims, redemptions } of branches.body.rows)
        assert.deepEqual({ views, claims, redemptions }, countOf(within(amber, from, to, { branch: id })));
      const one = await api('days', { offer: amber.offer, branch: amber.branch });
      assert.deepEqual(
        one.body.total,
        countOf(within(amber, from, to, { offer: amber.offer, branch: amber.branch })),
      );
    });

    it('by weekday and hour of the market’s clock, on average', async () => {
      const today = await todayIn(portals, basil);
      const { body } = await api('hours', { range: '90', measure: 'view' }, basil);
      const rows = within(basil, shift(today, -90), shift(today, -1), { kind: 'view' });
      for (let weekday = 0; weekday < 7; weekday++) {
        const days = Array.from({ length: 90 }, (_, i) => shift(today, -1 - i)).filter(
          (day) => new Date(`${day}T00:00:00Z`).getUTCDay() === weekday,
        ).length;
        for (let hour = 0; hour < 24; hour++) {
          const count = rows.filter((row) => row.weekday === weekday && row.hour === hour).length;
          assert.equal(body.week[weekday][hour], count / days, `${weekday} ${hour}`);
        }
      }
    });

    it('page by page through the offers, in every order', async () => {
      for (const sort of ['claims', 'views', 'redemptions', 'claimRate', 'redemptionRate']) {
        for (const dir of ['asc', 'desc']) {
          const whole = await api('offers', { sort, dir });
          const first = await api('offers', { sort, dir, limit: '1' });
          const second = await api('offers', { sort, dir, limit: '1', cursor: first.body.next });
          assert.deepEqual([...first.body.rows, ...second.body.rows], whole.body.rows);
          assert.equal(second.body.next, null);
          const back = await api('offers', { sort, dir, limit: '1', cursor: second.body.previous });
          assert.deepEqual(back.body.rows, first.body.rows);
        }
      }
    });
  });

  describe('tells nothing of another market', () => {
    it('on any page, in any file or answer', async () => {
      const ids = Object.values(basil).filter((value) => /^[0-9a-f]{8}-/.test(value));
      const answers = [
        ...['/analytics', '/analytics?range=90&measure=view', '/analytics/offers', '/'].map((path) =>
          browser.get(path),
        ),
        ...PICTURES.map((name) => browser.get(`/analytics/${name}.csv?range=90`)),
        ...PICTURES.map((name) => api(name)),
      ];
      for (const answer of await Promise.all(answers)) {
        assert.equal(answer.status, 200);
        assert.ok(!answer.text.includes(basil.marker));
        for (const id of ids) assert.ok(!answer.text.includes(id), id);
      }
    });

    for (const [name, foreign] of [
      ['offer', basil.offer],
      ['branch', basil.branch],
    ] as const) {
      it(`a foreign ${name} is answered like an unknown and a malformed one`, async () => {
        for (const path of ['/analytics', '/analytics/offers', '/analytics/days.csv']) {
          const bodies = await Promise.all(
            [foreign, unknownId, 'x'].map((id) => browser.get(`${path}?${name}=${id}`)),
          );
          assert.deepEqual(
            bodies.map(({ status }) => status),
            [404, 404, 404],
            path,
          );
          const plain = bodies.map(({ text }, i) =>
            text
              .replaceAll([foreign, unknownId, 'x'][i]!, '')
              .replace(/[0-9a-f-]{36}|nonce="[^"]+"|value="[^"]*"/g, ''),
          );
          assert.equal(plain[0], plain[1], path);
        }
        for (const path of ['days', 'offers', 'branches', 'funnel']) {
          const [a, b, c] = await Promise.all(
            [foreign, unknownId, 'x'].map((id) => api(path, { [name]: id })),
          );
          assert.deepEqual([a!.status, b!.status, c!.status], [404, 404, 404]);
          const { receipt: _a, instance: _b, ...told } = a!.body;
          const { receipt: _c, instance: _d, ...unknown } = b!.body;
          assert.deepEqual(told, unknown);
        }
      });
    }

    it('and the staff’s page is not there', async () => {
      for (const path of ['markets', 'movers']) assert.equal((await api(path)).status, 404);
    });
  });

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

  it('counts returning shoppers, and never fewer than five', async () => {
    const today = await todayIn(portals, amber);
    await withClient(portals.database.superuserUrl, async (client) => {
      await client.query('set session_replication_role = replica');
      const insert = async (market: MarketFixture, count: number, again: number) => {
        for (let n = 0; n < count; n++) {
          const { rows } = await client.query(
            'insert into shopper (market_id, id) values ($1, gen_random_uuid()) returning id',
            [market.marketId],
          );
          for (const back of n < again ? [1, 0] : [1])
            await client.query(
              `insert into claim (market_id, id, offer_id, shopper_id, code, claimed_at)
               values ($1, gen_random_uuid(), $2, $3, $4, (date_trunc('month', $5::date) - make_interval(months => $6) + interval '20 hours') at time zone 'UTC')`,
              [market.marketId, market.offer, rows[0].id, `${market.side}${n}-${back}`, today, back],
            );
        }
      };
      await insert(amber, 12, 6);
      await insert(basil, 7, 4);
    });
    for (const market of [amber, basil]) {
      const direct = portals.partner.deps.database.direct(marketJobScope(market.marketId, 'test'));
      await direct.rows(statement`select app.count_cohorts()`);
    }
    const cohort = async (market: MarketFixture) => (await api('returning', {}, market)).body.rows.at(-2);
    const own = await cohort(amber);
    assert.deepEqual([own.shoppers, own.again], [12, [6]]);
    const other = await cohort(basil);
    assert.deepEqual([other.shoppers, other.again], [7, [null]]);
    const file = await (await portals.signIn(partnerLogin('basil'))).get('/analytics/returning.csv');
    assert.match(file.text, /,7,<5/);
  });
});
