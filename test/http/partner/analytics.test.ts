import assert from 'node:assert/strict';
import { sql as statement } from '../../../server/db/direct.ts';
import { withClient } from '../../../server/db/setup/connect.ts';
import { marketJobScope } from '../../../server/jobs/job-scope.ts';
import {
  arrangeFigures,
  type RawRow,
  rawEvents,
  shiftDay as shift,
  todayIn,
} from '../../support/analytics.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { unknownId } from '../../support/offers.ts';
import { amber, basil, type MarketFixture } from '../../support/two-markets.ts';

const PICTURES = ['days', 'offers', 'branches', 'hours', 'funnel', 'returning', 'benchmarks'] as const;
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
