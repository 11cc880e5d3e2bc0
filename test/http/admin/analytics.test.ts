import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { moversOf } from '../../../server/analytics/market-rows.ts';
import { arrangeFigures, rawEvents, todayIn } from '../../support/analytics.ts';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('analytics across markets', function () {
  this.timeout(120_000);
  let portals: TestPortals;
  let browser: Browser;
  let token: string;

  before(async () => {
    portals = await startPortals();
    await arrangeFigures(portals);
    browser = await portals.signIn(staffLogin('support'));
    token = await portals.token(staffLogin());
  });
  after(() => portals?.close());

  const api = (path: string, query: Record<string, string> = {}) =>
    portals.admin.browser().api('get', `/analytics/${path}`, { token, query });

  it('add up what each market’s events say, by days that are over in all of them', async () => {
    const todays = await Promise.all([amber, basil].map((market) => todayIn(portals, market)));
    const { body } = await api('days', { range: '90' });
    const { from, to } = body.span;
    assert.ok(to < todays.sort()[0]!);
    const raw = await Promise.all([amber, basil].map((market) => rawEvents(portals, market)));
    const inside = raw.flat().filter(({ day }) => day >= from && day <= to);
    const count = (kind: string) => inside.filter((row) => row.kind === kind).length;
    assert.deepEqual(body.total, {
      views: count('view'),
      claims: count('claim'),
      redemptions: count('redeem'),
    });
    const markets = await api('markets', { range: '90' });
    for (const [index, market] of [amber, basil].entries()) {
      const row = markets.body.rows.find(({ id }: { id: string }) => id === market.marketId);
      const own = raw[index]!.filter(({ day, kind }) => kind === 'claim' && day >= from && day <= to);
      assert.equal(row.claims, own.length);
    }
  });

  it('list markets by words, state and order, a page at a time', async () => {
    const all = await api('markets', { sort: 'views', dir: 'desc' });
    const views = all.body.rows.map((row: { views: number }) => row.views);
    assert.deepEqual(
      views,
      views.toSorted((a: number, b: number) => b - a),
    );
    const first = await api('markets', { sort: 'views', dir: 'desc', limit: '1' });
    const second = await api('markets', { sort: 'views', dir: 'desc', limit: '1', cursor: first.body.next });
    assert.deepEqual([...first.body.rows, ...second.body.rows], all.body.rows.slice(0, 2));
    assert.deepEqual((await api('markets', { state: 'closed' })).body.rows, []);
    assert.equal((await api('markets', { q: 'no such market' })).body.rows.length, 0);
    assert.equal((await api('markets', { state: 'open' })).status, 422);
  });

  it('on a page with pictures, tables and files', async () => {
    const page = await browser.get('/analytics?range=90&measure=view');
    assert.equal(page.status, 200);
    assert.match(page.text, /\/analytics\/intake/);
    assert.doesNotMatch(page.text, /style=|analytics:|NaN|undefined/);
    const days = parse((await browser.get('/analytics/days.csv?range=7')).text, { bom: true }) as string[][];
    assert.equal(days.length, 8);
    const markets = parse((await browser.get('/analytics/markets.csv')).text, { bom: true }) as string[][];
    assert.ok(markets.length > 2);
    const bad = await browser.get('/analytics?range=custom&from=2026-05-02&to=2026-05-01');
    assert.equal(bad.status, 422);
    assert.match(bad.text, /f-from-error/);
  });

  it('are for staff alone', async () => {
    const partner = await portals.token(partnerLogin('amber', 'owner'));
    for (const path of ['days', 'markets', 'movers']) {
      const answer = await portals.admin.browser().api('get', `/analytics/${path}`, { token: partner });
      assert.equal(answer.status, 401);
    }
    assert.equal((await portals.admin.browser().get('/analytics')).status, 303);
  });

  it('name as movers only markets with enough to compare', () => {
    const row = (id: string, claims: number, claimsBefore: number) => ({
      ...{ id, nameEn: id, nameAr: id, state: 'active', views: 0, claims, redemptions: 0, claimRate: null },
      ...{ redemptionRate: null, claimOrder: 0, redemptionOrder: 0, claimsBefore },
      change: claimsBefore ? (claims - claimsBefore) / claimsBefore : null,
      changeOrder: claimsBefore ? Math.round(((claims - claimsBefore) / claimsBefore) * 1e6) : -2e6,
    });
    const rows = [
      row('tiny', 19, 1),
      row('new', 500, 0),
      row('up', 60, 20),
      row('same', 40, 40),
      row('down', 10, 40),
    ];
    const { risers, fallers } = moversOf(rows);
    assert.deepEqual([risers.map(({ id }) => id), fallers.map(({ id }) => id)], [['up'], ['down']]);
  });
});
