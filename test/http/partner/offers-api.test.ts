import assert from 'node:assert/strict';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { category, unknownId } from '../../support/offers.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('Partner: offers in JSON', () => {
  let portals: TestPortals;
  let browser: Browser;
  let token: string;
  let staffToken: string;

  before(async () => {
    portals = await startPortals();
    await portals.sql('update plan set max_live_offers = 1000');
    browser = portals.partner.browser();
    token = await portals.token(partnerLogin('amber', 'manager'));
    staffToken = await portals.token(staffLogin('operator'));
  });
  after(() => portals.close());

  const full = {
    titleEn: 'Dates, 500 g',
    titleAr: 'تمر، نصف كيلو',
    textEn: 'Fresh from the farm.',
    textAr: 'طازج من المزرعة.',
    price: 1500,
    oldPrice: 2000,
    categoryId: category,
    branchIds: [amber.branch],
    endsAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const create = async (body: object = full) => (await browser.api('post', '/offers', { token, body })).body;
  const post = (path: string, as = token, body?: object) =>
    browser.api('post', path, { token: as, ...(body ? { body } : {}) });

  it('writes, reads, changes, submits, withdraws, copies and ends', async () => {
    const made = await browser.api('post', '/offers', { token, body: full });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.body.state, 'draft');
    assert.deepEqual(
      made.body.branches.map(({ id }: { id: string }) => id),
      [amber.branch],
    );
    const { id, version } = made.body;
    const changed = await browser.api('patch', `/offers/${id}`, { token, body: { version, price: 1400 } });
    assert.equal(changed.status, 200, changed.text);
    assert.equal(changed.body.price, 1400);
    assert.equal(changed.body.titleAr, full.titleAr);
    const stale = await browser.api('patch', `/offers/${id}`, { token, body: { version, price: 1300 } });
    assert.equal(stale.status, 409);
    assert.equal(stale.body.code, 'changed-meanwhile');
    assert.equal((await browser.api('patch', `/offers/${id}`, { token, body: { price: 1 } })).status, 422);
    assert.equal((await post(`/offers/${id}/submission`)).body.state, 'submitted');
    assert.equal((await post(`/offers/${id}/withdrawal`)).body.state, 'draft');
    assert.equal((await post(`/offers/${id}/withdrawal`)).body.code, 'offer-state');
    await post(`/offers/${id}/submission`);
    const admin = portals.admin.browser();
    const seen = await admin.api('get', `/markets/${amber.marketId}/offers/${id}`, { token: staffToken });
    const verdict = { decision: 'approved', digest: seen.body.contentDigest };
    const decided = await admin.api('post', `/markets/${amber.marketId}/offers/${id}/decision`, {
      token: staffToken,
      body: verdict,
    });
    assert.equal(decided.status, 200, decided.text);
    assert.equal((await browser.api('get', `/offers/${id}`, { token })).body.state, 'live');
    const copy = await post(`/offers/${id}/copies`);
    assert.equal(copy.status, 201);
    assert.equal(copy.body.state, 'draft');
    const ended = await post(`/offers/${id}/end`);
    assert.equal(ended.body.state, 'ended');
    assert.equal(ended.body.decisions.length, 1);
  });

  it('an incomplete offer is not submitted; each missing field is named', async () => {
    const { id } = await create({ titleEn: 'Only a title' });
    const answer = await post(`/offers/${id}/submission`);
    assert.equal(answer.status, 422);
    assert.equal(answer.body.code, 'offer-incomplete');
    const fields = answer.body.errors.map(({ field }: { field: string }) => field).sort();
    assert.deepEqual(fields, ['branchIds', 'categoryId', 'endsAt', 'price', 'textAr', 'textEn', 'titleAr']);
  });

  it('lists with filters and cursors; what it does not understand is a 422', async () => {
    for (let i = 0; i < 3; i++) await create({ titleEn: `Listing ${i}` });
    const first = await browser.api('get', '/offers', {
      token,
      query: { q: 'listing', limit: '2', sort: 'title' },
    });
    assert.equal(first.status, 200, first.text);
    assert.equal(first.body.rows.length, 2);
    const rest = await browser.api('get', '/offers', {
      token,
      query: { q: 'listing', limit: '2', sort: 'title', cursor: first.body.next },
    });
    assert.equal(rest.body.rows.length, 1);
    assert.equal(rest.body.next, null);
    const none = await browser.api('get', '/offers', { token, query: { q: 'listing', state: 'live' } });
    assert.deepEqual(none.body.rows, []);
    for (const query of [
      { state: 'x' },
      { sort: 'x' },
      { cursor: 'x' },
      { limit: '1000' },
      { colour: 'red' },
      { branch: 'x' },
    ]) {
      const answer = await browser.api('get', '/offers', {
        token,
        query: query as unknown as Record<string, string>,
      });
      assert.equal(answer.status, 422, JSON.stringify(query));
    }
  });

  it('an analyst reads, and may not write', async () => {
    const analyst = await portals.token(partnerLogin('amber', 'analyst'));
    const { id, version } = await create();
    assert.equal((await browser.api('get', `/offers/${id}`, { token: analyst })).status, 200);
    assert.equal((await post('/offers', analyst, full)).status, 403);
    assert.equal(
      (await browser.api('patch', `/offers/${id}`, { token: analyst, body: { version, price: 1 } })).status,
      403,
    );
    for (const verb of ['submission', 'withdrawal', 'end', 'copies']) {
      assert.equal((await post(`/offers/${id}/${verb}`, analyst)).status, 403, verb);
    }
  });

  it('is described in the portal’s OpenAPI document', async () => {
    const { body } = await browser.api('get', '/openapi.json', { token });
    const expected: Record<string, string[]> = {
      '/offers': ['get', 'post'],
      '/offers/{id}': ['get', 'patch'],
      ...Object.fromEntries(
        ['submission', 'withdrawal', 'end', 'copies'].map((verb) => [`/offers/{id}/${verb}`, ['post']]),
      ),
    };
    for (const [path, methods] of Object.entries(expected)) {
      assert.deepEqual(Object.keys(body.paths[path] ?? {}).sort(), methods, path);
    }
    const { schema } = body.paths['/offers'].post.requestBody.content['application/json'];
    assert.ok(schema.properties.price.description.includes('minor units'));
  });

  it('another market can neither read nor change nor refer to anything: as if it did not exist', async () => {
    const { id, version } = await create();
    const foreign = await portals.token(partnerLogin('basil', 'owner'));
    const before = await portals.sql('select * from offer where id = $1', [id]);
    const calls: ['get' | 'post' | 'patch', string, object?][] = [
      ['get', ''],
      ['patch', '', { version, price: 1 }],
      ...['submission', 'withdrawal', 'end', 'copies'].map(
        (verb) => ['post', `/${verb}`] as ['post', string],
      ),
    ];
    for (const [method, path, body] of calls) {
      const ask = async (offer: string) => {
        const answer = await browser.api(method, `/offers/${offer}${path}`, {
          token: foreign,
          ...(body ? { body } : {}),
        });
        const { instance: _, ...rest } = answer.body;
        return { status: answer.status, rest };
      };
      const theirs = await ask(id);
      assert.equal(theirs.status, 404, `${method} ${path}`);
      assert.deepEqual(theirs, await ask(unknownId));
      assert.deepEqual(theirs, await ask('not-an-id'));
    }
    assert.deepEqual(await portals.sql('select * from offer where id = $1', [id]), before);
    const list = await browser.api('get', '/offers', { token: foreign, query: { limit: '100' } });
    const text = JSON.stringify(list.body);
    assert.ok(!text.includes(id) && !text.includes(amber.marker));
    const byBranch = await browser.api('get', '/offers', { token: foreign, query: { branch: amber.branch } });
    assert.deepEqual(byBranch.body.rows, []);
    assert.ok(basil.offer);
  });
});
