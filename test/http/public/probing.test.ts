import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { keyText } from '../../../server/public/publishable-key.ts';
import { encodePlace, SORTS } from '../../../server/public/storefront.input.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { asker } from '../../support/public.ts';
import { type State, storefront } from '../../support/storefront.ts';
import { amber, basil, type MarketFixture } from '../../support/two-markets.ts';

interface Hidden {
  readonly id: string;
  readonly word: string;
  readonly image: string;
  readonly why: string;
}

/**
 * What somebody does who has read the key in a page's source and knows how such APIs are usually built: everything
 * that they find is what the storefront shows, and what they don't find looks as if it were not there.
 */
describe('probing with a key from the page source', () => {
  let portals: TestPortals;
  let ask: ReturnType<typeof asker>;
  const hidden: Hidden[] = [];
  const shown = new Set<string>();
  let branch: string;
  let shut: string;

  const inside = (answer: Response, what: string): void => {
    const text = `${answer.text ?? ''}${JSON.stringify(answer.headers)}`;
    for (const { id, word, image } of hidden) {
      for (const secret of [id, word, image]) assert.ok(!text.includes(secret), `${what} tells ${secret}`);
    }
    for (const secret of [basil.marketId, basil.liveOffer, basil.branch, 'marker-basil', shut]) {
      assert.ok(!text.includes(secret), `${what} tells ${secret}`);
    }
    assert.doesNotMatch(
      text,
      /select .* from|\b(pg_|postgres|relation|syntax error|at \w+ \(|node_modules)/i,
      what,
    );
  };
  const found = (answer: Response): string[] => answer.body.items.map(({ id }: { id: string }) => id);

  before(async () => {
    portals = await startPortals();
    ask = asker(portals.partner);
    const make = storefront(portals);
    branch = await make.branch(amber, 'Open gate', [24.7, 46.6]);
    shut = await make.branch(amber, 'Shut quetzal gate', [24.7, 46.6], 'closed');
    await portals.sql(
      "insert into category values (gen_random_uuid(), 'secret-things', 'Secret things', 'أسرار', 9)",
    );
    const hide = async (
      why: string,
      market: MarketFixture,
      offer: { state?: State; startsAt?: string; endsAt?: string },
    ) => {
      const word = `quokka${hidden.length}x`;
      const image = await make.image(market);
      const branches = market === amber ? [branch] : [];
      const rest = {
        title: `Zebra ${word}`,
        price: 77_777,
        category: 'secret-things',
        imageId: image,
        claimLimit: 3,
      };
      hidden.push({ why, word, image, id: await make.offer(market, { ...rest, ...offer, branches }) });
    };
    for (const state of ['draft', 'submitted', 'rejected', 'ended'] as const)
      await hide(state, amber, { state });
    await hide('begins later', amber, { startsAt: '2099-01-01T00:00:00Z' });
    await hide('is over', amber, { endsAt: '2020-01-01T00:00:00Z' });
    await hide('of another market', basil, {});
    for (const n of [1, 2, 3]) {
      await make.offer(amber, { title: `Zebra shown ${n}`, price: 100 * n, branches: [branch] });
    }
    const answer = await ask('get', '/offers?limit=50', amber.key).expect(200);
    for (const id of found(answer)) shown.add(id);
    assert.ok(shown.size >= 4);
    inside(answer, 'the list');
  });
  after(() => portals.close());

  it('finds no hidden offer in any list, under any sort', async () => {
    for (const sort of SORTS) {
      for (const filter of ['', '&q=zebra', `&branch=${branch}`, '&within=20000']) {
        const path = `/offers?sort=${sort}&limit=50&near=24.7,46.6${filter}`;
        const answer = await ask('get', path, amber.key).expect(200);
        inside(answer, path);
        for (const id of found(answer)) assert.ok(shown.has(id), `${path} shows ${id}`);
      }
    }
  });

  it('finds no word, category, price or place of a hidden offer', async () => {
    for (const { word, why } of hidden) {
      for (const q of [word, word.slice(0, -1), `zebra ${word}`, word.toUpperCase()]) {
        const answer = await ask('get', `/offers?q=${encodeURIComponent(q)}`, amber.key).expect(200);
        assert.deepEqual(answer.body, { items: [], next: null }, `${why}: ${q}`);
      }
    }
    const byCategory = await ask('get', '/offers?category=secret-things', amber.key).expect(200);
    const byNone = await ask('get', '/offers?category=no-such-thing', amber.key).expect(200);
    assert.equal(byCategory.text, byNone.text);
    inside(await ask('get', '/categories', amber.key).expect(200), 'categories');
    assert.ok(!(await ask('get', '/categories', amber.key)).text.includes('secret-things'));
    const closed = await ask('get', `/offers?branch=${shut}`, amber.key).expect(200);
    const foreign = await ask('get', `/offers?branch=${basil.branch}`, amber.key).expect(200);
    const unknown = await ask('get', `/offers?branch=${randomUUID()}`, amber.key).expect(200);
    assert.deepEqual([closed.text, foreign.text], [unknown.text, unknown.text]);
    inside(await ask('get', '/branches?near=24.7,46.6', amber.key).expect(200), 'branches');
  });

  it('finds no id and no picture of a hidden offer', async () => {
    const told = async (path: string) => {
      const answer = await ask('get', path, amber.key);
      inside(answer, path);
      return { status: answer.status, body: { ...answer.body, instance: '' } };
    };
    const unknown = await told(`/offers/${randomUUID()}`);
    assert.equal(unknown.status, 404);
    for (const { id, image, why } of hidden) {
      assert.deepEqual(await told(`/offers/${id}`), unknown, why);
      assert.deepEqual(await told(`/images/${image}`), unknown, why);
    }
    // The rows are real: whose key it is decides.
    const other = hidden.find(({ why }) => why === 'of another market')!;
    assert.equal((await ask('get', `/offers/${other.id}`, basil.key)).status, 200);
    assert.equal((await ask('get', `/images/${other.image}?key=${keyText(basil.key)}`, null)).status, 200);
  });

  it('goes nowhere with a made-up cursor', async () => {
    for (const sort of SORTS) {
      for (const rank of [-1e300, -77_778, 0, 77_776, 1e300]) {
        for (const { id } of hidden) {
          const cursor = encodePlace(sort, { rank, id });
          const path = `/offers?sort=${sort}&near=24.7,46.6&limit=50&cursor=${cursor}`;
          const answer = await ask('get', path, amber.key).expect(200);
          inside({ ...answer, text: answer.text.replaceAll(id, '') } as Response, path);
          for (const each of found(answer)) assert.ok(shown.has(each), path);
        }
      }
    }
  });

  it('gets nowhere by asking as one would ask PostgREST, GraphQL or an ORM', async () => {
    const parameters = [
      'select=*',
      'select=id,market_id,decision_reason',
      'select=*,market(*)',
      'or=(state.eq.draft,state.eq.live)',
      'and=(id.neq.x)',
      'not.and=(id.eq.x)',
      'state=eq.draft',
      'state=draft',
      'state=neq.live',
      `market_id=eq.${basil.marketId}`,
      `market_id=${basil.marketId}`,
      `marketId=${basil.marketId}`,
      'id=gt.0',
      `id=in.(${hidden.map(({ id }) => id).join(',')})`,
      'title_en=like.*quokka*',
      'price=gte.0',
      'order=decision_reason.asc',
      'order=*',
      'offset=0',
      'page=0',
      'count=exact',
      'include=branches',
      'fields=*',
      'where={}',
      'where[state]=draft',
      'filter[state]=draft',
      'q[contains]=quokka',
      'limit[]=1',
      'sort[]=price',
      'columns=*',
      'on_conflict=id',
      'apikey=anon',
      '$where=1',
      'query={offers{id}}',
      '__proto__[state]=draft',
      'constructor=1',
    ];
    const routes = ['/offers', '/branches', '/categories', '/market', `/offers/${[...shown][0]}`];
    for (const route of routes) {
      for (const parameter of parameters) {
        const path = `${route}?${parameter}`;
        const answer = await ask('get', encodeURI(path), amber.key);
        assert.ok([400, 422].includes(answer.status), `${path}: ${answer.status}`);
        inside(answer, path);
      }
    }
  });

  it('injects nothing through what may be asked', async () => {
    const words = [
      "'",
      "' or 1=1 --",
      "%' or ''='",
      '\\',
      '\\%',
      '%',
      '_',
      ')',
      'x); drop table offer; --',
      '$1',
      '{zebra}',
      '"',
    ];
    for (const word of words) {
      const path = `/offers?q=${encodeURIComponent(word)}&limit=50`;
      const answer = await ask('get', path, amber.key).expect(200);
      inside(answer, path);
      for (const id of found(answer)) assert.ok(shown.has(id), path);
    }
    const fields: [string, string][] = [
      'category',
      'branch',
      'near',
      'within',
      'sort',
      'limit',
      'cursor',
    ].flatMap((field) => words.map((word): [string, string] => [field, word]));
    for (const [field, word] of fields) {
      const path = `/offers?${field}=${encodeURIComponent(word)}`;
      const answer = await ask('get', path, amber.key);
      assert.equal(answer.status, 422, path);
      inside(answer, path);
    }
  });

  it('counts nothing: no header says how many there are', async () => {
    for (const prefer of ['count=exact', 'count=planned', 'count=estimated', 'return=representation']) {
      const answer = await ask('get', '/offers?limit=1', amber.key, {
        Prefer: prefer,
        Range: '0-0',
        'Range-Unit': 'items',
      });
      assert.equal(answer.status, 200);
      assert.equal(answer.get('Content-Range'), undefined);
      assert.deepEqual(Object.keys(answer.body), ['items', 'next']);
      inside(answer, prefer);
    }
  });

  it('meets no other route and no other method', async () => {
    const paths = [
      '/offer',
      '/offers.csv',
      '/offers/',
      `/offers/${[...shown][0]}/branches`,
      '/offer_decision',
      '/audit_entry',
    ];
    const more = [
      '/publishable_key',
      '/keys',
      '/shopper',
      '/shoppers',
      '/rpc/market_of_slug',
      '/graphql',
      '/rest/v1/offer',
      '/',
      '/../api/v1/offers',
    ];
    for (const path of [...paths, ...more]) {
      const answer = await ask('get', path, amber.key);
      assert.ok(
        path === '/offers/' ? answer.status === 200 : answer.status >= 400,
        `${path}: ${answer.status}`,
      );
      inside(answer, path);
    }
    for (const method of ['post', 'patch', 'delete'] as const) {
      for (const path of [
        '/offers',
        `/offers/${[...shown][0]}`,
        '/branches',
        '/market',
        `/images/${hidden[0]!.image}`,
      ]) {
        assert.equal((await ask(method, path, amber.key)).status, 404, `${method} ${path}`);
      }
    }
  });

  it('is no market by saying so: headers, cookies and paths are not asked', async () => {
    const said = {
      ...{ 'X-Market-Id': basil.marketId, Market: basil.marketId, 'X-Forwarded-Host': 'basil.example' },
      ...{
        Cookie: `market=${basil.marketId}`,
        'Accept-Profile': 'private',
        'X-HTTP-Method-Override': 'DELETE',
      },
    };
    const plain = await ask('get', '/offers?limit=50', amber.key).expect(200);
    const answer = await ask('get', '/offers?limit=50', amber.key, said).expect(200);
    assert.equal(answer.text, plain.text);
    // Two keys: the header's counts, and nothing is mixed.
    const both = await ask('get', `/market?key=${keyText(basil.key)}`, amber.key).expect(200);
    assert.match(both.text, /amber/);
  });
});
