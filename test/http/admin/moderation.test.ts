import assert from 'node:assert/strict';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import {
  category,
  decide,
  digestIn,
  offerFields,
  stateOf,
  submitOffer,
  unknownId,
  versionIn,
  writeOffer,
} from '../../support/offers.ts';
import { amber, basil, staff as people } from '../../support/two-markets.ts';

describe('Admin: moderation', () => {
  let portals: TestPortals;
  let manager: Browser;
  let operator: Browser;

  before(async () => {
    portals = await startPortals();
    await portals.sql('update plan set max_live_offers = 1000');
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
    operator = await portals.signIn(staffLogin('operator'));
  });
  after(() => portals.close());

  const address = (id: string, marketId = amber.marketId) => `/markets/${marketId}/offers/${id}`;
  const edit = async (id: string, changes: Record<string, string | readonly string[]>) => {
    const version = versionIn((await manager.get(`/offers/${id}/edit`)).text);
    return manager.submit(`/offers/${id}`, offerFields({ version, ...changes }));
  };
  const decisions = (id: string) =>
    portals.sql<Record<string, unknown>>(
      'select * from offer_decision where offer_id = $1 order by decided_at',
      [id],
    );

  it('queues submitted offers of all markets, oldest first, and never a draft that nobody submitted', async () => {
    const draft = await writeOffer(manager);
    const first = await submitOffer(manager);
    const owner = await portals.signIn(partnerLogin('basil', 'owner'));
    await owner.get('/offers/new');
    const answer = await owner.submit('/offers', offerFields({ next: 'submit' }, basil));
    const second = answer.get('Location')!.split('/').pop()!;
    const page = (await operator.get('/offers?limit=100')).text;
    assert.ok(page.includes(first) && page.includes(second) && !page.includes(draft));
    assert.ok(page.indexOf(first) < page.indexOf(second));
    assert.ok(!(await operator.get('/offers?state=all&limit=100')).text.includes(draft));
    const filtered = (await operator.get(`/offers?market=${basil.marketId}&category=${category}&q=COFFEE`))
      .text;
    assert.ok(!filtered.includes(first) && filtered.includes(second));
    assert.ok(!(await operator.get(`/offers?category=${unknownId}`)).text.includes(first));
  });

  it('approves exactly what was seen: columns, snapshot and audit in one', async () => {
    const id = await submitOffer(manager);
    const page = await operator.get(address(id));
    assert.match(page.text, /nothing of this offer was approved before/);
    assert.match(page.text, /Roasted this week/);
    assert.equal((await decide(operator, id, 'approved')).status, 303);
    const [offer] = await portals.sql<Record<string, unknown>>('select * from offer where id = $1', [id]);
    assert.equal(offer!.state, 'live');
    assert.equal(offer!.decision_digest, offer!.content_digest);
    const [decision] = await decisions(id);
    assert.equal(decision!.content_digest, offer!.content_digest);
    assert.equal(decision!.decided_by, people.operator);
    assert.equal((decision!.content as { titleEn: string }).titleEn, 'Coffee beans, 1 kg');
    const audit = await portals.sql<Record<string, unknown>>(
      `select * from audit_entry where subject_id = $1 and surface = 'admin'`,
      [id],
    );
    assert.deepEqual(
      audit.map(({ action, market_id }) => [action, market_id]),
      [['offer.approve', amber.marketId]],
    );
  });

  it('shows what changed since the last approval, both languages and in the market’s time', async () => {
    const id = await submitOffer(manager, { endsAt: '2027-06-01T12:00' });
    await decide(operator, id, 'approved');
    await edit(id, {
      titleEn: 'Coffee beans, 2 kg',
      price: '50',
      endsAt: '2027-06-01T12:00',
      next: 'submit',
    });
    const { text } = await operator.get(address(id));
    assert.match(text, /<del dir="auto">Coffee beans, 1 kg<\/del>/);
    assert.match(text, /<ins dir="auto">Coffee beans, 2 kg<\/ins>/);
    assert.match(text, /<del dir="auto">[^<]*45\.50/);
    assert.doesNotMatch(text, /<(ins|del) dir="auto">حبوب/);
    assert.match(text, /12:00/);
  });

  it('a decision about older content is refused, and the newer content is shown with the reason kept', async () => {
    const id = await submitOffer(manager);
    const digest = digestIn((await operator.get(address(id))).text);
    await edit(id, { titleEn: 'Sneaked in' });
    for (const decision of ['approved', 'rejected']) {
      const answer = await operator.submit(`${address(id)}/decision`, {
        decision,
        digest,
        reason: 'Typed <already>',
      });
      assert.equal(answer.status, 409);
      assert.match(answer.text, /Sneaked in/);
      assert.match(answer.text, /Typed &lt;already&gt;/);
      assert.match(answer.text, /newer version/);
      assert.notEqual(digestIn(answer.text), digest);
    }
    assert.equal(await stateOf(portals, id), 'submitted');
    assert.deepEqual(await decisions(id), []);
  });

  it('a withdrawal and an approval at once: one of them counts, never both', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await submitOffer(manager);
      const digest = digestIn((await operator.get(address(id))).text);
      await manager.get(`/offers/${id}`);
      const [approval, withdrawal] = await Promise.all([
        operator.submit(`${address(id)}/decision`, { decision: 'approved', digest }),
        manager.submit(`/offers/${id}/withdrawal`),
      ]);
      const state = await stateOf(portals, id);
      assert.deepEqual([approval.status, withdrawal.status].sort(), [303, 409]);
      assert.equal(state, approval.status === 303 ? 'live' : 'draft');
      assert.equal((await decisions(id)).length, approval.status === 303 ? 1 : 0);
    }
  });

  it('two operators at once: one decision', async () => {
    const id = await submitOffer(manager);
    const digest = digestIn((await operator.get(address(id))).text);
    const other = operator.copy();
    const answers = await Promise.all([
      operator.submit(`${address(id)}/decision`, { decision: 'approved', digest }),
      other.submit(`${address(id)}/decision`, { decision: 'rejected', digest, reason: 'No' }),
    ]);
    const rows = await decisions(id);
    if (rows.length === 2) {
      // One behind the other is legitimate: what was approved first was then taken down.
      assert.deepEqual(
        rows.map(({ decision }) => decision),
        ['approved', 'rejected'],
      );
      assert.equal(await stateOf(portals, id), 'rejected');
    } else {
      assert.equal(rows.length, 1);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409]);
    }
  });

  it('rejecting needs a reason of at most 1000 characters, said at its field', async () => {
    const id = await submitOffer(manager);
    for (const [reason, says] of [
      ['', /Write a reason/],
      ['   ', /Write a reason/],
      ['x'.repeat(1001), /At most 1000 characters/],
    ] as const) {
      const answer = await decide(operator, id, 'rejected', reason);
      assert.equal(answer.status, 422);
      assert.match(answer.text, says);
      assert.match(answer.text, /id="f-reason-error"/);
    }
    assert.equal(await stateOf(portals, id), 'submitted');
    assert.equal((await decide(operator, id, 'rejected', 'x'.repeat(1000))).status, 303);
    assert.equal(await stateOf(portals, id), 'rejected');
  });

  it('takes a live offer down with a reason; then the market may submit it anew', async () => {
    const id = await submitOffer(manager);
    await decide(operator, id, 'approved');
    assert.match((await operator.get(address(id))).text, /Take down/);
    assert.equal((await decide(operator, id, 'rejected', 'Complaints about the price')).status, 303);
    assert.equal(await stateOf(portals, id), 'rejected');
    const audit = await portals.sql<{ action: string }>(
      `select action from audit_entry where subject_id = $1 and surface = 'admin' order by at`,
      [id],
    );
    assert.deepEqual(
      audit.map(({ action }) => action),
      ['offer.approve', 'offer.take-down'],
    );
    assert.match((await manager.get(`/offers/${id}`)).text, /Complaints about the price/);
  });

  it('decides nothing about drafts, ended offers, and offers whose end has passed', async () => {
    const id = await submitOffer(manager);
    const digest = digestIn((await operator.get(address(id))).text);
    await manager.submit(`/offers/${id}/withdrawal`);
    const answer = await operator.submit(`${address(id)}/decision`, { decision: 'approved', digest });
    assert.equal(answer.status, 409);
    assert.match(answer.text, /state is now: Draft/);
    const over = await submitOffer(manager);
    await portals.sql(`update offer set ends_at = now() - interval '1 minute' where id = $1`, [over]);
    assert.match((await operator.get(address(over))).text, /end of this offer has passed/);
    assert.equal((await decide(operator, over, 'approved')).status, 409);
    assert.equal((await decide(operator, over, 'rejected', 'Too late')).status, 303);
  });

  it('support staff read everything and decide nothing', async () => {
    const support = await portals.signIn(staffLogin('support'));
    const id = await submitOffer(manager);
    const page = await support.get(address(id));
    assert.equal(page.status, 200);
    const main = page.text.slice(page.text.indexOf('<main'));
    assert.doesNotMatch(main, /method="post"/);
    const digest = digestIn((await operator.get(address(id))).text);
    await support.get('/profile');
    assert.equal(
      (await support.submit(`${address(id)}/decision`, { decision: 'approved', digest })).status,
      403,
    );
    assert.equal(await stateOf(portals, id), 'submitted');
  });

  it('an offer is found under its own market alone: any other address is a 404', async () => {
    const id = await submitOffer(manager);
    const digest = digestIn((await operator.get(address(id))).text);
    for (const path of [
      address(id, basil.marketId),
      address(id, unknownId),
      address(unknownId),
      address('x'),
      address(id, 'x'),
    ]) {
      assert.equal((await operator.get(path)).status, 404, path);
      await operator.get('/profile');
      assert.equal(
        (await operator.submit(`${path}/decision`, { decision: 'approved', digest })).status,
        404,
        path,
      );
    }
    assert.equal(await stateOf(portals, id), 'submitted');
  });

  it('JSON: lists, reads and decides; bad input is a problem that names the field', async () => {
    const token = await portals.token(staffLogin('operator'));
    const api = portals.admin.browser();
    const id = await submitOffer(manager);
    const list = await api.api('get', '/offers', { token, query: { market: amber.marketId, limit: '100' } });
    assert.equal(list.status, 200, list.text);
    assert.ok(
      list.body.rows.some(
        (row: { id: string; market: { id: string } }) => row.id === id && row.market.id === amber.marketId,
      ),
    );
    const { body } = await api.api('get', address(id), { token });
    assert.equal(body.lastApproved, null);
    const send = (verdict: object) => api.api('post', `${address(id)}/decision`, { token, body: verdict });
    const digest = body.contentDigest;
    const wrong: [object, string][] = [
      [{ decision: 'maybe', digest }, 'decision'],
      [{ decision: 'approved' }, 'digest'],
      [{ decision: 'approved', digest: { not: null } }, 'digest'],
      [{ decision: 'rejected', digest }, 'reason'],
      [{ decision: 'rejected', digest, reason: 5 }, 'reason'],
      [{ decision: 'approved', digest, marketId: basil.marketId }, 'marketId'],
    ];
    for (const [verdict, field] of wrong) {
      const answer = await send(verdict);
      assert.equal(answer.status, 422, JSON.stringify(verdict));
      assert.ok(
        answer.body.errors.some((error: { field: string }) => error.field === field),
        answer.text,
      );
    }
    assert.equal((await send({ decision: 'approved', digest: 'a'.repeat(64) })).body.code, 'content-changed');
    const done = await send({ decision: 'approved', digest });
    assert.equal(done.status, 200, done.text);
    assert.equal(done.body.state, 'live');
    const support = await portals.token(staffLogin('support'));
    assert.equal(
      (
        await api.api('post', `${address(id)}/decision`, {
          token: support,
          body: { decision: 'rejected', digest, reason: 'x' },
        })
      ).status,
      403,
    );
    const document = await api.api('get', '/openapi.json', { token });
    assert.ok(document.body.paths['/markets/{marketId}/offers/{id}/decision'].post);
  });
});
