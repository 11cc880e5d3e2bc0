import assert from 'node:assert/strict';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { decide, offerFields, stateOf, submitOffer, versionIn } from '../../support/offers.ts';
import { signUp } from '../../support/shoppers.ts';
import { amber } from '../../support/two-markets.ts';

describe('claim limits of an offer', () => {
  let portals: TestPortals;
  let manager: Browser;
  let token: string;
  let id: string;

  before(async () => {
    portals = await startPortals();
    await portals.sql('update plan set max_live_offers = 1000');
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
    token = await portals.token(partnerLogin('amber', 'manager'));
    id = await submitOffer(manager, { claimLimit: '50', claimLimitPerShopper: '2' });
    await decide(await portals.signIn(staffLogin()), id, 'approved');
  });
  after(() => portals.close());

  async function edit(changes: Record<string, string>) {
    const page = await manager.get(`/offers/${id}/edit`);
    const [kept] = await portals.sql<{ ends: string }>(
      "select to_char(ends_at at time zone 'Asia/Riyadh', 'YYYY-MM-DD\"T\"HH24:MI') as ends from offer where id = $1",
      [id],
    );
    const fields = offerFields({ endsAt: kept!.ends, version: versionIn(page.text), ...changes });
    return manager.submit(`/offers/${id}`, fields);
  }
  const api = (method: 'get' | 'patch', body?: object, as = token) =>
    portals.partner.browser().api(method, `/offers/${id}`, { token: as, ...(body ? { body } : {}) });

  it('are written with the offer, and shown', async () => {
    const { body } = await api('get');
    assert.deepEqual([body.claimLimit, body.claimLimitPerShopper, body.claimed], [50, 2, 0]);
    assert.match((await manager.get(`/offers/${id}`)).text, /0 of 50/);
    const page = await manager.get(`/offers/${id}/edit`);
    assert.match(page.text, /name="claimLimit"[^>]*|value="50"/);
  });

  it('change while the offer is live, without another approval, and hold at once', async () => {
    assert.equal((await edit({ claimLimit: '1', claimLimitPerShopper: '1' })).status, 303);
    assert.equal(await stateOf(portals, id), 'live');
    const nadia = await signUp(portals, amber);
    const omar = await signUp(portals, amber);
    assert.equal((await nadia.ask('post', '/claims', { offerId: id })).status, 201);
    assert.equal((await omar.ask('post', '/claims', { offerId: id })).body.code, 'sold-out');
    const { body } = await api('get');
    const changed = await api('patch', { version: body.version, claimLimit: null });
    assert.deepEqual(
      [changed.status, changed.body.claimLimit, changed.body.state, changed.body.claimed],
      [200, null, 'live', 1],
    );
    assert.equal((await omar.ask('post', '/claims', { offerId: id })).status, 201);
    assert.match((await manager.get(`/offers/${id}`)).text, /2, no limit/);
  });

  it('name the field of bad input, in the form and in JSON', async () => {
    for (const [field, value] of [
      ['claimLimit', '0'],
      ['claimLimit', '1000001'],
      ['claimLimit', 'ten'],
      ['claimLimit', '1.5'],
      ['claimLimitPerShopper', '101'],
      ['claimLimitPerShopper', '-1'],
    ] as const) {
      const answer = await edit({ [field]: value });
      assert.equal(answer.status, 422, `${field} ${value}`);
      assert.match(answer.text, new RegExp(`id="f-${field}"[^>]*aria-invalid="true"`));
    }
    const { version } = (await api('get')).body;
    for (const change of [
      { claimLimit: 0 },
      { claimLimit: 1.5 },
      { claimLimit: '5' },
      { claimLimitPerShopper: null },
    ]) {
      const answer = await api('patch', { version, ...change });
      assert.deepEqual([answer.status, answer.body.errors[0].field], [422, Object.keys(change)[0]]);
    }
  });

  it('go along with a copy', async () => {
    const { version } = (await api('get')).body;
    await api('patch', { version, claimLimit: 7, claimLimitPerShopper: 3 });
    const copy = await portals.partner.browser().api('post', `/offers/${id}/copies`, { token });
    assert.deepEqual([copy.body.claimLimit, copy.body.claimLimitPerShopper, copy.body.claimed], [7, 3, 0]);
  });

  it('are the market’s own, and its managers’', async () => {
    const { version, claimLimit } = (await api('get')).body;
    const change = { version, claimLimit: 999 };
    assert.equal(
      (await api('patch', change, await portals.token(partnerLogin('basil', 'owner')))).status,
      404,
    );
    assert.equal(
      (await api('patch', change, await portals.token(partnerLogin('amber', 'analyst')))).status,
      403,
    );
    assert.equal((await api('get')).body.claimLimit, claimLimit);
  });

  it('stop a changed title from staying live, as before', async () => {
    assert.equal((await edit({ titleEn: 'Another promise', claimLimit: '5' })).status, 303);
    assert.equal(await stateOf(portals, id), 'draft');
  });
});
