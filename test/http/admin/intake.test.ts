import assert from 'node:assert/strict';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { amber } from '../../support/two-markets.ts';

describe('health of the intake, for staff', () => {
  let portals: TestPortals;
  let browser: Browser;
  let token: string;

  before(async () => {
    portals = await startPortals();
    browser = await portals.signIn(staffLogin('support'));
    token = await portals.token(staffLogin('support'));
    await portals.sql('delete from event_intake; delete from rollup_task');
    const today = new Date().toISOString().slice(0, 10);
    await portals.sql(
      "insert into event_intake (market_id, day, outcome, events) select id, $1::date, 'accepted', 21 from market",
      [today],
    );
    await portals.sql(
      "insert into event_intake (market_id, day, outcome, events) values ($1, $2, 'bot', 5)",
      [amber.marketId, today],
    );
    await portals.sql(
      "insert into rollup_task (market_id, id, hour, queued_at) values ($1, gen_random_uuid(), now(), now() - interval '3 hours')",
      [amber.marketId],
    );
    const differences = [
      { day: '2026-05-01', kind: 'view', byOffer: 1234, byHour: 7, events: 5678, places: 3 },
    ];
    await portals.sql('update rollup_state set checked_at = now(), differences = $1 where market_id = $2', [
      JSON.stringify(differences),
      amber.marketId,
    ]);
  });
  after(() => portals?.close());

  const health = async () => (await browser.api('get', '/analytics/intake', { token })).body;

  it('tells outcomes by day, what waits, the months, and every market’s last check', async () => {
    const { days, months, missingMonths, waiting, checks } = await health();
    assert.equal(days.length, 14);
    const markets = (await portals.sql('select from market')).length;
    assert.deepEqual([days[0].accepted, days[0].bot, days[1].accepted], [21 * markets, 5, 0]);
    assert.ok(months.includes(new Date().toISOString().slice(0, 7)));
    assert.deepEqual(missingMonths, []);
    assert.deepEqual([waiting.tasks, waiting.marketId], [1, amber.marketId]);
    assert.equal(checks[0].id, amber.marketId);
    assert.equal(checks[0].differences[0].events, 5678);
  });

  for (const [locale, words] of [
    ['en', ['Health of event intake', '5,678', 'The figures of one market differ']],
    ['ar', ['صحة استقبال الأحداث', '5,678', 'أرقام سوق واحد تختلف عن أحداثه']],
  ] as const) {
    it(`is a page, too: ${locale}`, async () => {
      await browser.submit('/locale', { locale });
      const { status, text } = await browser.get('/analytics/intake');
      assert.equal(status, 200);
      for (const word of words) assert.ok(text.includes(word), word);
      assert.doesNotMatch(text, /events:\w|analytics:\w/);
    });
  }

  it('says loudly that a month is missing', async () => {
    const next = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1))
      .toISOString()
      .slice(0, 7);
    await portals.sql(`drop table offer_event_${next.replace('-', '_')}`);
    assert.deepEqual((await health()).missingMonths, [next]);
    const { text } = await browser.get('/analytics/intake');
    // The list of months that there are has it no longer: only the warning names it.
    assert.ok(text.includes(next));
    await portals.partner.deps.open!.events.keepMonths(25);
    assert.deepEqual((await health()).missingMonths, []);
  });

  it('is for staff alone', async () => {
    assert.equal((await portals.partner.browser().api('get', '/analytics/intake', { token })).status, 401);
    const own = await portals.token(partnerLogin('amber', 'owner'));
    assert.equal(
      (await portals.partner.browser().api('get', '/analytics/intake', { token: own })).status,
      404,
    );
    assert.equal(
      (await (await portals.signIn(partnerLogin('amber', 'owner'))).get('/analytics/intake')).status,
      404,
    );
  });
});
