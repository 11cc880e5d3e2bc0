import assert from 'node:assert/strict';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { offerFields, unknownId, versionIn, writeOffer } from '../../support/offers.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('Partner: offers of another market', () => {
  let portals: TestPortals;
  let mine: Browser;
  let theirs: Browser;
  let offer: string;
  let version: string;

  before(async () => {
    portals = await startPortals();
    mine = await portals.signIn(partnerLogin('amber', 'owner'));
    theirs = await portals.signIn(partnerLogin('basil', 'owner'));
    offer = await writeOffer(mine);
    version = versionIn((await mine.get(`/offers/${offer}/edit`)).text);
  });
  after(() => portals.close());

  const snapshot = () =>
    portals.sql(
      'select o.*, array(select branch_id from offer_branch b where b.offer_id = o.id) as branches from offer o order by market_id, id',
    );
  /** What a page says, without what differs on every answer. */
  const bare = (html: string) =>
    html.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|not-an-id/g, '·').replace(/nonce="[^"]*"|value="[^"]*"/g, '');

  const reads = ['', '/edit'];
  const writes = ['', '/preview', '/submission', '/withdrawal', '/end', '/copies', '/deletion'];

  for (const path of reads) {
    it(`GET /offers/:id${path}: 404, as for an unknown and a malformed id`, async () => {
      assert.equal((await mine.get(`/offers/${offer}${path}`)).status, 200);
      const [foreign, unknown, malformed] = await Promise.all(
        [offer, unknownId, 'not-an-id'].map((id) => theirs.get(`/offers/${id}${path}`)),
      );
      assert.equal(foreign!.status, 404);
      assert.equal(bare(foreign!.text), bare(unknown!.text));
      assert.equal(bare(foreign!.text), bare(malformed!.text));
    });
  }

  for (const path of writes) {
    it(`POST /offers/:id${path}: 404, and no row of any market changes`, async () => {
      await theirs.get('/offers/new');
      const before = await snapshot();
      const fields = offerFields({ version }, basil);
      const foreign = await theirs.submit(`/offers/${offer}${path}`, fields);
      const unknown = await theirs.submit(`/offers/${unknownId}${path}`, fields);
      assert.equal(foreign.status, 404);
      assert.equal(bare(foreign.text), bare(unknown.text));
      assert.deepEqual(await snapshot(), before);
    });
  }

  it('a list, a search and its numbers hold the own market’s offers alone', async () => {
    for (const query of ['', '?q=coffee', `?branch=${amber.branch}`, '?sort=title', `?q=${amber.marker}`]) {
      const page = await theirs.get(`/offers${query}`);
      assert.equal(page.status, 200);
      const list = page.text.slice(page.text.indexOf('id="list"'));
      assert.ok(!list.includes(offer) && !list.includes(amber.marker), query);
    }
    const page = await theirs.get(`/offers?branch=${amber.branch}`);
    assert.match(page.text, /All\s*<span class="tab-count"><bdi>0<\/bdi>/);
  });

  it('a market in the form, the address or the header changes nothing about whose offer it is', async () => {
    await theirs.get('/offers/new');
    const fields = offerFields({ marketId: amber.marketId, market_id: amber.marketId }, basil);
    const answer = await theirs.submit(`/offers?marketId=${amber.marketId}`, fields, {
      'X-Market-Id': amber.marketId,
    });
    assert.equal(answer.status, 303);
    const id = answer.get('Location')!.split('/').pop()!;
    const [row] = await portals.sql<{ market_id: string }>('select market_id from offer where id = $1', [id]);
    assert.equal(row!.market_id, basil.marketId);
  });

  it('the editor offers the own market’s branches alone', async () => {
    const page = await theirs.get('/offers/new');
    assert.ok(page.text.includes(basil.branch));
    assert.ok(!page.text.includes(amber.branch));
  });
});
