import assert from 'node:assert/strict';
import { eventId } from '../../support/events.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { asker } from '../../support/public.ts';
import { amber, basil } from '../../support/two-markets.ts';

const BROWSER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
const VISITOR = '01900000-0000-7000-8000-00000000beef';
const HOUR = 3_600_000;
const NOTHING = { unknown: 0, late: 0, early: 0, bot: 0 };

describe('POST /public/v1/events', () => {
  let portals: TestPortals;
  let ask: ReturnType<typeof asker>;

  before(async () => {
    portals = await startPortals();
    ask = asker(portals.partner);
  });
  after(() => portals.close());
  beforeEach(() => portals.sql("delete from offer_event where received_at > now() - interval '1 hour'"));

  const report = (body: unknown, { key = amber.key, agent = BROWSER, type = 'application/json' } = {}) =>
    ask('post', '/events', key, { 'User-Agent': agent, 'Content-Type': type }).send(
      typeof body === 'string' ? body : JSON.stringify(body),
    );
  const view = (changes: object = {}, at = Date.now()) => ({
    ...{ id: eventId(at), kind: 'view', offerId: amber.liveOffer },
    ...changes,
  });
  const stored = () =>
    portals.sql<{
      market_id: string;
      id: string;
      offer_id: string;
      branch_id: string | null;
      kind: string;
      visitor: string | null;
    }>("select * from offer_event where received_at > now() - interval '1 hour' order by id");

  it('writes views down, and answers when they are', async () => {
    const events = [view(), view({ branchId: amber.branch }), view({}, Date.now() - HOUR)];
    const answer = await report({ events }).expect(202);
    assert.deepEqual(answer.body, { accepted: 3, repeated: 0, ignored: NOTHING });
    const rows = await stored();
    assert.deepEqual(rows.map(({ id }) => id).sort(), events.map(({ id }) => id).sort());
    for (const row of rows)
      assert.deepEqual([row.market_id, row.offer_id, row.kind], [amber.marketId, amber.liveOffer, 'view']);
  });

  it('takes what a beacon sends: JSON as text/plain, the key in the address', async () => {
    const url = `${portals.partner.url}/public/v1/events?key=${(await import('../../../server/public/publishable-key.ts')).keyText(amber.key)}`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain;charset=UTF-8', 'User-Agent': BROWSER },
      body: JSON.stringify({ events: [view()] }),
    });
    assert.equal(answer.status, 202);
    assert.equal((await stored()).length, 1);
  });

  it('counts an id once, in one request, in the next, and in a hundred at a time', async () => {
    const one = view();
    assert.deepEqual((await report({ events: [one, one] })).body, {
      accepted: 1,
      repeated: 1,
      ignored: NOTHING,
    });
    assert.deepEqual((await report({ events: [one, view()] })).body, {
      accepted: 1,
      repeated: 1,
      ignored: NOTHING,
    });
    const many = Array.from({ length: 20 }, () => view());
    const answers = await Promise.all(
      Array.from(
        { length: 100 },
        async (_, at) => (await report({ events: [...many.slice(at % 20), ...many.slice(0, at % 20)] })).body,
      ),
    );
    const sum = (of: 'accepted' | 'repeated') => answers.reduce((total, body) => total + body[of], 0);
    assert.deepEqual([sum('accepted'), sum('repeated')], [20, 1_980]);
    assert.equal((await stored()).length, 22);
  });

  it('leaves out what it may not take, and says how many, without failing the rest', async () => {
    const events = [
      view({}, Date.now() - 7 * 24 * HOUR - 60_000),
      view({}, Date.now() + 6 * 60_000),
      view({ offerId: amber.offer }),
      view({ offerId: basil.liveOffer }),
      view({ branchId: basil.branch }),
      view(),
      view({}, Date.now() - 7 * 24 * HOUR + 60_000),
      view({}, Date.now() + 4 * 60_000),
    ];
    const answer = await report({ events }).expect(202);
    assert.deepEqual(answer.body, {
      accepted: 3,
      repeated: 0,
      ignored: { unknown: 3, late: 1, early: 1, bot: 0 },
    });
    assert.equal((await stored()).length, 3);
  });

  it('answers alike for a draft, an unknown and another market’s offer or branch', async () => {
    const unknown = '01900000-0000-7000-8000-0000000000ff';
    await portals.sql("update branch set state = 'closed' where market_id = $1 and id <> $2", [
      amber.marketId,
      amber.branch,
    ]);
    const [closed] = await portals.sql<{ id: string }>(
      "select id from branch where market_id = $1 and state = 'closed'",
      [amber.marketId],
    );
    const answers = [];
    for (const changes of [
      { offerId: amber.offer },
      { offerId: unknown },
      { offerId: basil.offer },
      { offerId: basil.liveOffer },
      { branchId: unknown },
      { branchId: basil.branch },
      { branchId: closed!.id },
    ]) {
      const { status, text } = await report({ events: [view(changes)] });
      answers.push(`${status} ${text}`);
    }
    assert.deepEqual(
      [...new Set(answers)],
      [`202 ${JSON.stringify({ accepted: 0, repeated: 0, ignored: { ...NOTHING, unknown: 1 } })}`],
    );
    assert.deepEqual(await stored(), []);
  });

  it('tells another market’s id from a new one in nothing: ids are of a market', async () => {
    const id = eventId(Date.now());
    const theirs = await report({ events: [view({ id, offerId: basil.liveOffer })] }, { key: basil.key });
    const ours = await report({ events: [view({ id })] });
    assert.equal(theirs.text, ours.text);
    assert.equal((await stored()).length, 2);
  });

  it('takes nothing from crawlers and from what does not say what it is', async () => {
    for (const agent of [
      'Googlebot/2.1 (+http://www.google.com/bot.html)',
      'curl/8.5.0',
      'HeadlessChrome/120',
      '',
    ]) {
      const answer = await report({ events: [view(), view()] }, { agent }).expect(202);
      assert.deepEqual(answer.body, { accepted: 0, repeated: 0, ignored: { ...NOTHING, bot: 2 } }, agent);
    }
    assert.deepEqual(await stored(), []);
  });

  it('keeps of a visitor what tells two of one market apart, and links none between markets', async () => {
    await report({ visitor: VISITOR, events: [view(), view()] });
    await report({ visitor: VISITOR.replace('beef', 'cafe'), events: [view()] });
    await report({ visitor: VISITOR, events: [view({ offerId: basil.liveOffer })] }, { key: basil.key });
    const rows = await stored();
    const of = (marketId: string) =>
      rows.filter((row) => row.market_id === marketId).map(({ visitor }) => visitor);
    assert.equal(new Set(of(amber.marketId)).size, 2);
    assert.equal(of(amber.marketId).includes(of(basil.marketId)[0]!), false);
    assert.equal(
      rows.some(({ visitor }) => visitor === VISITOR),
      false,
    );
  });

  it('takes nothing from the moment at which the key is revoked or the market suspended, though it was in use', async () => {
    const state = (text: string) => portals.sql(text, [amber.marketId]);
    await report({ events: [view()] }).expect(202);
    await report({ events: [view()] }).expect(202);
    for (const [change, status, code, back] of [
      [
        'update publishable_key set revoked_at = now() where market_id = $1',
        401,
        'key-revoked',
        'update publishable_key set revoked_at = null where market_id = $1',
      ],
      [
        "update publishable_key set expires_at = now() - interval '1 s' where market_id = $1",
        401,
        'key-revoked',
        'update publishable_key set expires_at = null where market_id = $1',
      ],
      [
        "update market set state = 'suspended' where id = $1",
        403,
        'market-not-active',
        "update market set state = 'active' where id = $1",
      ],
    ] as const) {
      await state(change);
      for (const turn of [1, 2]) {
        const answer = await report({ events: [view()] });
        assert.deepEqual([answer.status, answer.body.code], [status, code], `${code} ${turn}`);
      }
      await state(back);
      await report({ events: [view()] }).expect(202);
    }
    assert.equal((await stored()).length, 5);
  });

  it('names what is wrong with a body, and writes nothing of it', async () => {
    const good = view();
    const cases: [unknown, string][] = [
      [{}, 'events'],
      [{ events: [] }, 'events'],
      [{ events: Array.from({ length: 201 }, () => view()) }, 'events'],
      [{ events: [good, view({ id: '0b9cfb4e-6a9f-4e5e-8d0b-6a1d4d3a9f10' })] }, 'events.1.id'],
      [{ events: [good, view({ id: 7 })] }, 'events.1.id'],
      [{ events: [good, view({ offerId: 'x' })] }, 'events.1.offerId'],
      [{ events: [good, view({ branchId: 'x' })] }, 'events.1.branchId'],
      [{ events: [good, view({ kind: 'claim' })] }, 'events.1.kind'],
      [{ events: [good, view({ kind: 'redeem' })] }, 'events.1.kind'],
      [{ events: [good, view({ marketId: basil.marketId })] }, 'marketId'],
      [{ events: [good, view({ occurredAt: '2026-01-01T00:00:00Z' })] }, 'occurredAt'],
      [{ events: [good], visitor: 'somebody' }, 'visitor'],
      [{ events: [good], market: basil.marketId }, 'market'],
    ];
    for (const [body, field] of cases) {
      const answer = await report(body);
      assert.deepEqual(
        [answer.status, answer.body.errors?.map((each: { field: string }) => each.field)],
        [422, [field]],
        field,
      );
    }
    for (const type of ['application/json', 'text/plain']) {
      const broken = await report('{"events":', { type });
      assert.deepEqual([broken.status, broken.body.code], [400, 'bad-json'], type);
      assert.equal((await report('{"events":[{"__proto__":1}]}', { type })).status, 400, type);
    }
    assert.deepEqual(await stored(), []);
  });

  it('takes events of the widest range of ids without a fault', async () => {
    for (const id of ['00000000-0000-7000-8000-000000000000', 'ffffffff-ffff-7fff-bfff-ffffffffffff']) {
      const answer = await report({ events: [view({ id })] }).expect(202);
      assert.equal(answer.body.ignored.late + answer.body.ignored.early, 1, id);
    }
  });

  it('says clearly that a month is missing, without a 500, and has it made', async () => {
    await portals.partner.deps.open!.intake.counts.flush();
    await portals.sql('delete from event_intake');
    const month = `offer_event_${new Date().toISOString().slice(0, 7).replace('-', '_')}`;
    await portals.sql(`alter table offer_event detach partition ${month}`);
    await portals.sql(`drop table ${month}`);
    try {
      const answer = await report({ events: [view()] });
      assert.deepEqual(
        [answer.status, answer.body.code, answer.get('Retry-After')],
        [503, 'events-closed', '60'],
      );
      assert.doesNotMatch(answer.text, /partition|relation|offer_event/);
      const { events, intake } = portals.partner.deps.open!;
      assert.deepEqual(await events.keepMonths(25), [month]);
      await report({ events: [view()] }).expect(202);
      await intake.counts.flush();
      const [failed] = await portals.sql(
        "select events from event_intake where market_id = $1 and outcome = 'failed'",
        [amber.marketId],
      );
      assert.equal(failed?.events, 1);
    } finally {
      await portals.partner.deps.open!.events.keepMonths(25);
    }
  });

  it('keeps count of what became of them, of each market its own', async () => {
    await portals.sql('delete from event_intake');
    const one = view();
    await report({ events: [one, one, view({ offerId: amber.offer }), view({}, Date.now() + HOUR)] });
    await report({ events: [view()] }, { agent: 'curl/8' });
    await report({ events: [view({ offerId: basil.liveOffer })] }, { key: basil.key });
    await portals.partner.deps.open!.intake.counts.flush();
    await report({ events: [view()] });
    await portals.partner.deps.open!.intake.counts.flush();
    const day = new Date().toISOString().slice(0, 10);
    const rows = await portals.sql(
      'select market_id, day::text, outcome, events from event_intake order by market_id, outcome',
    );
    const row = (market: { marketId: string }, outcome: string, events: number) => ({
      market_id: market.marketId,
      day,
      outcome,
      events,
    });
    assert.deepEqual(
      rows,
      [
        ...[
          row(amber, 'accepted', 2),
          row(amber, 'bot', 1),
          row(amber, 'early', 1),
          row(amber, 'repeated', 1),
          row(amber, 'unknown', 1),
        ],
        row(basil, 'accepted', 1),
      ].sort((a, b) => a.market_id.localeCompare(b.market_id)),
    );
  });
});
