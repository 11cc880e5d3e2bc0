import assert from 'node:assert/strict';
import { keyText } from '../../../server/public/publishable-key.ts';
import {
  branchAnswer,
  categoryAnswer,
  itemsOf,
  marketAnswer,
  offerAnswer,
  offersAnswer,
} from '../../../server/public/storefront.answers.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { asker } from '../../support/public.ts';
import { storefront } from '../../support/storefront.ts';
import { amber, basil } from '../../support/two-markets.ts';

const RIYADH = [24.7136, 46.6753] as const;
const JEDDAH = [21.4858, 39.1925] as const;
const NEAR = 'near=24.7136,46.6753';

describe('storefront', () => {
  let portals: TestPortals;
  let ask: ReturnType<typeof asker>;
  const offers: Record<string, string> = {};
  const branches: Record<string, string> = {};
  let image: string;

  const names = async (query: string): Promise<string[]> => {
    const answer = await ask('get', `/offers?${query}`, amber.key);
    assert.equal(answer.status, 200, `${query}: ${answer.text}`);
    offersAnswer.parse(answer.body);
    const known = new Map(Object.entries(offers).map(([name, id]) => [id, name]));
    return answer.body.items.map(({ id }: { id: string }) => known.get(id)).filter(Boolean);
  };

  before(async () => {
    portals = await startPortals();
    ask = asker(portals.partner);
    const make = storefront(portals);
    await portals.sql(
      "insert into category values (gen_random_uuid(), 'food', 'Food', 'طعام', 1), (gen_random_uuid(), 'toys', 'Toys', 'ألعاب', 2)",
    );
    branches.riyadh = await make.branch(amber, 'Riyadh', RIYADH);
    branches.jeddah = await make.branch(amber, 'Jeddah', JEDDAH);
    branches.shut = await make.branch(amber, 'Shut', RIYADH, 'closed');
    image = await make.image(amber);
    const at = (day: number) => `2099-01-0${day}T00:00:00Z`;
    offers.pizza = await make.offer(amber, {
      ...{
        title: 'Zebra pizza قهوة',
        price: 300,
        oldPrice: 400,
        category: 'food',
        endsAt: at(3),
        imageId: image,
      },
      ...{ createdAt: '2026-02-03', branches: [branches.riyadh, branches.shut], claimLimit: 5 },
    });
    offers.ball = await make.offer(amber, {
      ...{ title: 'Zebra ball 100%', price: 100, category: 'toys', endsAt: at(1) },
      ...{ createdAt: '2026-02-02', branches: [branches.jeddah] },
    });
    offers.tea = await make.offer(amber, {
      ...{ title: 'Zebra tea', price: 200, oldPrice: 1000, category: 'food' },
      ...{ createdAt: '2026-02-01', branches: [branches.shut] },
    });
  });
  after(() => portals.close());

  it('says what the contract says, and no more', async () => {
    marketAnswer.strict().parse((await ask('get', '/market', amber.key).expect(200)).body);
    itemsOf(categoryAnswer.strict()).parse((await ask('get', '/categories', amber.key).expect(200)).body);
    itemsOf(branchAnswer.strict()).parse((await ask('get', `/branches?${NEAR}`, amber.key).expect(200)).body);
    const one = await ask('get', `/offers/${offers.pizza}`, amber.key).expect(200);
    offerAnswer.strict().parse(one.body);
    const url = `${portals.partner.deps.config.publicUrl}/public/v1/images/${image}?key=${keyText(amber.key)}`;
    assert.deepEqual(one.body.image, { url, width: 4, height: 3 });
    assert.deepEqual(one.body.category, { slug: 'food', name: { en: 'Food', ar: 'طعام' } });
    assert.deepEqual(
      one.body.branches.map(({ id }: { id: string }) => id),
      [branches.riyadh],
    );
    assert.equal(one.body.endsAt, '2099-01-03T00:00:00Z');
  });

  it('sorts', async () => {
    assert.deepEqual(await names('q=zebra'), ['pizza', 'ball', 'tea']);
    assert.deepEqual(await names('q=zebra&sort=ending'), ['ball', 'pizza', 'tea']);
    assert.deepEqual(await names('q=zebra&sort=price'), ['ball', 'tea', 'pizza']);
    assert.deepEqual(await names('q=zebra&sort=-price'), ['pizza', 'tea', 'ball']);
    assert.deepEqual(await names('q=zebra&sort=discount'), ['tea', 'pizza', 'ball']);
    assert.deepEqual(await names(`q=zebra&sort=distance&${NEAR}`), ['pizza', 'ball', 'tea']);
    assert.deepEqual(await names('q=zebra&sort=distance&near=21.4858,39.1925'), ['ball', 'pizza', 'tea']);
  });

  it('sorts the same where nothing is filtered', async () => {
    for (const sort of ['newest', 'ending', 'price', '-price', 'discount']) {
      assert.deepEqual(await names(`sort=${sort}&limit=50`), await names(`q=zebra&sort=${sort}`), sort);
    }
  });

  it('filters by category, branch, distance and words', async () => {
    assert.deepEqual(await names('category=food&q=zebra'), ['pizza', 'tea']);
    assert.deepEqual(await names('category=nothing'), []);
    assert.deepEqual(await names(`branch=${branches.jeddah}`), ['ball']);
    assert.deepEqual(await names(`branch=${branches.shut}`), []);
    assert.deepEqual(await names(`${NEAR}&within=10`), ['pizza']);
    assert.deepEqual(await names(`${NEAR}&within=1000`), ['pizza', 'ball']);
    assert.deepEqual(await names('q=ZEBRA+Tea'), ['tea']);
    assert.deepEqual(await names(`q=${encodeURIComponent('قهوه')}`), ['pizza']);
    assert.deepEqual(await names('q=100%25'), ['ball']);
    assert.deepEqual(await names('q=z%25a'), []);
    assert.deepEqual(await names('q=_ebra'), []);
  });

  it('tells distances as the crow flies', async () => {
    const { body } = await ask('get', `/branches?${NEAR}`, amber.key);
    const of = (id: string | undefined) =>
      body.items.find((item: { id: string }) => item.id === id)?.distanceKm;
    assert.equal(of(branches.riyadh), 0);
    assert.ok(Math.abs(of(branches.jeddah) - 849) < 5, String(of(branches.jeddah)));
    assert.equal(of(branches.shut), undefined);
  });

  it('goes through all pages under every sort, each offer once', async () => {
    const sorts = ['newest', 'ending', 'price', '-price', 'discount'];
    const asked = [
      ...sorts.map((sort) => `sort=${sort}`),
      ...[...sorts, 'distance'].map((sort) => `sort=${sort}&${NEAR}`),
    ];
    for (const sort of asked) {
      const whole = await names(`${sort}&limit=50`);
      const paged: string[] = [];
      let cursor = '';
      do {
        const answer = await ask('get', `/offers?${sort}&limit=1&cursor=${cursor}`, amber.key).expect(200);
        paged.push(...answer.body.items.map(({ id }: { id: string }) => id));
        cursor = answer.body.next;
      } while (cursor);
      assert.equal(new Set(paged).size, paged.length, sort);
      const known = new Map(Object.entries(offers).map(([name, id]) => [id, name]));
      assert.deepEqual(paged.map((id) => known.get(id)).filter(Boolean), whole, sort);
    }
  });

  it('counts what is left down', async () => {
    const left = async () => (await ask('get', `/offers/${offers.pizza}`, amber.key)).body.remaining;
    assert.equal(await left(), 5);
    await portals.sql('insert into offer_claims values ($1, $2, 3)', [amber.marketId, offers.pizza]);
    assert.equal(await left(), 2);
    await portals.sql('update offer_claims set claimed = 9 where offer_id = $1', [offers.pizza]);
    assert.equal(await left(), 0);
    assert.equal((await ask('get', `/offers/${offers.tea}`, amber.key)).body.remaining, null);
  });

  it('gives pictures to who can send no header', async () => {
    const answer = await ask('get', `/images/${image}?key=${keyText(amber.key)}`, null).expect(200);
    assert.equal(answer.type, 'image/webp');
    assert.equal(answer.get('Cross-Origin-Resource-Policy'), 'cross-origin');
    assert.equal(answer.body.subarray(0, 4).toString(), 'RIFF');
  });

  it('names what is wrong with a question', async () => {
    const cases: [query: string, field: string][] = [
      ['select=*', 'select'],
      ['limit=0', 'limit'],
      ['limit=51', 'limit'],
      ['limit=1e1', 'limit'],
      ['sort=title', 'sort'],
      ['sort=distance', 'near'],
      ['within=5', 'near'],
      ['near=91,0', 'near'],
      ['near=1', 'near'],
      [`${NEAR}&within=0`, 'within'],
      [`${NEAR}&within=-1`, 'within'],
      ['branch=1', 'branch'],
      ['category=A%20B', 'category'],
      ['cursor=x', 'cursor'],
      [`cursor=${Buffer.from('["price",1,"x"]').toString('base64url')}`, 'cursor'],
      [`cursor=${Buffer.from(`["newest",1e999,"${amber.offer}"]`).toString('base64url')}`, 'cursor'],
      [`cursor=${Buffer.from(`["price",1,"${amber.offer}"]`).toString('base64url')}`, 'cursor'],
      ['q[]=a', 'q'],
      ['locale=fr', 'locale'],
    ];
    for (const [query, field] of cases) {
      const answer = await ask('get', `/offers?${query}`, amber.key);
      assert.equal(answer.status, 422, `${query}: ${answer.text}`);
      assert.equal(answer.body.errors[0].field, field, query);
    }
    for (const path of ['/market?x=1', '/categories?x=1', '/branches?x=1', `/offers/${offers.pizza}?x=1`]) {
      assert.equal((await ask('get', path, amber.key)).status, 422, path);
    }
  });

  it('answers a foreign, an unknown and a malformed id alike', async () => {
    const told = async (path: string) => {
      const { status, body } = await ask('get', path, amber.key);
      return { status, body: { ...body, instance: '' } };
    };
    for (const noun of ['offers', 'images']) {
      const foreign = await told(`/${noun}/${noun === 'offers' ? basil.liveOffer : basil.offer}`);
      assert.equal(foreign.status, 404);
      for (const id of [amber.marketId, 'x', amber.liveOffer.toUpperCase(), '%2e%2e', "'--"]) {
        assert.deepEqual(await told(`/${noun}/${id}`), foreign, id);
      }
    }
  });
});
