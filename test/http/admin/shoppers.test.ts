import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { signUp, type TestShopper } from '../../support/shoppers.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('staff and shoppers', () => {
  let portals: TestPortals;
  let staff: Browser;
  let token: string;
  let nadia: TestShopper;
  let twin: TestShopper;
  const at = (market: { marketId: string }, what: 'shoppers' | 'claims') =>
    `/markets/${market.marketId}/${what}`;

  before(async () => {
    portals = await startPortals();
    staff = await portals.signIn(staffLogin('support'));
    token = await portals.token(staffLogin('support'));
    nadia = await signUp(portals, amber, 'nadia@example.com');
    twin = await signUp(portals, basil, 'nadia@example.com');
    await nadia.ask('patch', '/me', { optedIn: true });
    await nadia.ask('post', '/claims', { offerId: amber.liveOffer });
  });
  after(() => portals.close());

  const list = (path: string, query: Record<string, string> = {}) =>
    portals.admin.browser().api('get', path, { token, query });
  const lookups = () =>
    portals.sql<{ text: string; market_id: string; subject_id: string | null; surface: string }>(
      "select a::text as text, market_id, subject_id, surface from audit_entry as a where action = 'shopper.lookup' order by id",
    );

  it('list a market’s shoppers with addresses covered, and nobody of another market', async () => {
    const page = await staff.get(at(amber, 'shoppers'));
    assert.equal(page.status, 200);
    assert.match(page.text, /n…@example\.com/);
    assert.doesNotMatch(page.text, /nadia@example\.com/);
    const { body, text } = await list(at(amber, 'shoppers'), { limit: '100' });
    const ids = body.rows.map((row: { id: string }) => row.id);
    assert.ok(ids.includes(nadia.id) && !ids.includes(twin.id));
    assert.doesNotMatch(text, new RegExp(`nadia@|${basil.marker}`));
    assert.deepEqual(await lookups(), []);
    const wanting = await list(at(amber, 'shoppers'), { optedIn: 'no', limit: '100' });
    assert.ok(!wanting.body.rows.some((row: { id: string }) => row.id === nadia.id));
  });

  it('look one up by the whole address, which is written down in that market without the address', async () => {
    const lookUp = (market: { marketId: string }, email: unknown) =>
      portals.admin
        .browser()
        .api('post', `/markets/${market.marketId}/shopper-lookups`, { token, body: { email } });
    await staff.get(at(amber, 'shoppers'));
    const page = await staff.submit(`/markets/${amber.marketId}/shopper-lookups`, {
      email: 'Nadia@example.com',
    });
    assert.equal(page.status, 200);
    assert.ok(
      page.text.includes(nadia.id.slice(-6).toUpperCase()) && page.text.includes('nadia@example.com'),
    );
    const { shopper } = (await lookUp(basil, 'nadia@example.com')).body;
    assert.deepEqual([shopper.id, shopper.email], [twin.id, 'nadia@example.com']);
    assert.deepEqual((await lookUp(amber, 'nobody@example.com')).body, { shopper: null });
    for (const wrong of ['nadia', '', 7, ['nadia@example.com']]) {
      const answer = await lookUp(amber, wrong);
      assert.deepEqual([answer.status, answer.body.errors[0].field], [422, 'email']);
    }
    const noted = await lookups();
    assert.deepEqual(
      noted.map(({ market_id, subject_id, surface }) => [market_id, subject_id, surface]),
      [
        [amber.marketId, nadia.id, 'admin'],
        [basil.marketId, twin.id, 'admin'],
        [amber.marketId, null, 'admin'],
      ],
    );
    for (const { text } of noted) assert.doesNotMatch(text, /nadia@|nobody@/);
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    assert.match((await owner.get('/audit')).text, /Shopper looked up by e-mail/);
  });

  it('list a market’s claims with labels alone', async () => {
    const page = await staff.get(at(amber, 'claims'));
    assert.equal(page.status, 200);
    assert.ok(page.text.includes(`#${nadia.id.slice(-6).toUpperCase()}`));
    const { body, text } = await list(at(amber, 'claims'), { limit: '100' });
    assert.ok(body.rows.length > 1);
    assert.doesNotMatch(page.text + text, new RegExp(`nadia@|${basil.marker}`));
    const code = body.rows[0].code;
    assert.equal((await list(at(amber, 'claims'), { q: code })).body.rows.length, 1);
    assert.deepEqual((await list(at(basil, 'claims'), { q: code })).body.rows, []);
  });

  it('get one answer for an unknown and a malformed market, and a clear one for bad filters', async () => {
    for (const what of ['shoppers', 'claims'] as const) {
      const answers = [];
      for (const id of [randomUUID(), 'x']) {
        const { status, body } = await list(`/markets/${id}/${what}`);
        answers.push(JSON.stringify([status, { ...body, instance: '' }]));
        assert.equal((await staff.get(`/markets/${id}/${what}`)).status, 404);
      }
      assert.equal(new Set(answers).size, 1, answers.join('\n'));
      assert.match(answers[0]!, /^\[404/);
      const bad = await list(at(amber, what), { nonsense: '1' });
      assert.deepEqual([bad.status, bad.body.errors[0].field], [422, 'nonsense']);
    }
  });

  it('keep these pages to themselves', async () => {
    const partner = await portals.token(partnerLogin('amber', 'owner'));
    for (const what of ['shoppers', 'claims'] as const) {
      for (const foreign of [partner, nadia.token]) {
        const answer = await portals.admin.browser().api('get', at(amber, what), { token: foreign });
        assert.equal(answer.status, 401);
      }
      const there = await portals.partner.browser().api('get', at(amber, what), { token: partner });
      assert.equal(there.status, 404);
    }
  });
});
