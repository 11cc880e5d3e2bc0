import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Response } from 'supertest';
import { Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { codeIn } from '../../support/shoppers.ts';
import { amber, basil, type MarketFixture } from '../../support/two-markets.ts';

const PERSON = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
const NOWHERE = '01900000-0000-7000-8000-000000000000';

describe('hosted pages', () => {
  let portals: TestPortals;
  const slugs = new Map<string, string>();
  const home = ({ marketId }: MarketFixture) => `/m/${slugs.get(marketId)}`;
  const visitor = () => new Browser(portals.partner.url);
  const shopperCookie = (market: MarketFixture) => `__Host-bulkhead-shopper-${slugs.get(market.marketId)}`;

  before(async () => {
    portals = await startPortals();
    for (const { id, slug } of await portals.sql<{ id: string; slug: string }>('select id, slug from market'))
      slugs.set(id, slug);
  });
  after(() => portals.close());

  async function signIn(market: MarketFixture, email = `${randomUUID()}@example.com`): Promise<Browser> {
    const browser = visitor();
    const started = Date.now();
    await browser.get(`${home(market)}/sign-in`);
    await browser.submit(`${home(market)}/sign-in-codes`, { email });
    const answer = await browser.submit(`${home(market)}/sessions`, {
      email,
      code: await codeIn(portals, email, started),
    });
    assert.equal(answer.status, 303, answer.text);
    return browser;
  }

  it('are one and the same 404 for a market that is unknown, suspended or none', async () => {
    await portals.sql(`update market set state = 'suspended', state_reason = 'test' where id = $1`, [
      basil.marketId,
    ]);
    const answers = [];
    for (const path of ['/m/no-such-market', home(basil), '/m/%00', `/m/${'a'.repeat(300)}`, '/m/A!']) {
      const { status, text } = await visitor().get(path);
      answers.push([status, text.replaceAll(/[0-9a-f-]{36}|nonce="[^"]*"/g, '')]);
    }
    await portals.sql(`update market set state = 'active', state_reason = null where id = $1`, [
      basil.marketId,
    ]);
    const bad = answers.splice(2, 1)[0];
    assert.ok([400, 404].includes(bad![0] as number));
    const same = answers.map(([status, text]) => [
      status,
      String(text).replaceAll(/back" value="[^"]*"/g, ''),
    ]);
    for (const each of same) assert.deepEqual(each, same[0]);
    assert.equal(same[0]![0], 404);
    assert.equal((await visitor().get(home(basil))).status, 200);
  });

  it('show their own market’s live offers, and nothing of another', async () => {
    const list = await visitor().get(`${home(amber)}?lang=en`);
    assert.equal(list.status, 200);
    assert.ok(list.text.includes(amber.liveOffer) && list.text.includes(amber.marker));
    assert.ok(!list.text.includes(amber.offer), 'a draft is no offer');
    assert.ok(!list.text.includes(basil.marker) && !list.text.includes(basil.liveOffer));
    const strip = ({ status, text }: Response) => [
      status,
      text.replaceAll(/[0-9a-f-]{36}|nonce="[^"]*"/g, ''),
    ];
    const answers = await Promise.all(
      [basil.liveOffer, amber.offer, NOWHERE].map((id) =>
        visitor().get(`${home(amber)}/offers/${id}?lang=en`),
      ),
    );
    for (const answer of answers) assert.deepEqual(strip(answer), strip(answers[0]!));
    assert.equal(answers[0]!.status, 404);
    const [picture] = await portals.sql<{ id: string }>('select image_id as id from offer where id = $1', [
      basil.liveOffer,
    ]);
    assert.equal((await visitor().get(`${home(amber)}/images/${picture!.id}`)).status, 404);
  });

  it('say in both languages, and for machines, what they are', async () => {
    await portals.sql(`update offer set title_en = '</script><script>alert(1)</script>' where id = $1`, [
      amber.liveOffer,
    ]);
    await portals.sql(
      `update offer set decision = 'approved', decision_digest = content_digest, decided_at = now() where id = $1`,
      [amber.liveOffer],
    );
    const path = `${home(amber)}/offers/${amber.liveOffer}`;
    const { text } = await visitor().get(`${path}?lang=en`);
    assert.match(text, /<html lang="en" dir="ltr"/);
    assert.match(text, /<title>&lt;\/script&gt;[^<]* · marker-amber[^<]*<\/title>/);
    for (const name of ['description', 'twitter:card'])
      assert.match(text, new RegExp(`<meta name="${name}"`));
    for (const name of ['og:title', 'og:url', 'og:image', 'og:locale'])
      assert.match(text, new RegExp(`<meta property="${name}" content="[^"]+"`));
    const links = [...text.matchAll(/<link rel="(?:canonical|alternate)"[^>]*href="([^"]+)"/g)].map(
      ([, href]) => href,
    );
    const own = `${portals.partner.deps.config.publicUrl}${path}`;
    assert.deepEqual(links, [`${own}?lang=en`, `${own}?lang=en`, `${own}?lang=ar`, own]);
    const blocks = [...text.matchAll(/<script type="application\/ld\+json"[^>]*>(.*?)<\/script>/gs)];
    assert.equal(blocks.length, 1);
    const [offer] = JSON.parse(blocks[0]![1]!)['@graph'];
    assert.equal(offer['@type'], 'Offer');
    assert.equal(offer.name, '</script><script>alert(1)</script>');
    assert.match(offer.price, /^\d+\.\d{2}$/);
    const picture = /property="og:image" content="([^"]+)"/.exec(text)![1]!;
    assert.equal(new URL(picture).pathname.split('/').at(-2), 'images');
    const arabic = await visitor().get(`${path}?lang=ar`);
    assert.match(arabic.text, /<html lang="ar" dir="rtl"/);
    assert.match((await visitor().get(`${home(amber)}?sort=nonsense`)).text, /noindex/);
  });

  it('sign in by a code, claim once, and show the same claim the second time', async () => {
    const shopper = await signIn(amber);
    await shopper.get(`${home(amber)}/offers/${amber.liveOffer}`);
    const first = await shopper.submit(`${home(amber)}/claims`, { offerId: amber.liveOffer });
    assert.match(first.headers.location!, /\/claims\/[0-9a-f-]{36}$/);
    const own = first.headers.location!;
    const page = await shopper.get(own);
    assert.match(page.text, /<path d="M\d/);
    const again = await shopper.submit(`${home(amber)}/claims`, { offerId: amber.liveOffer });
    assert.equal(again.headers.location, first.headers.location);
    const foreign = await shopper.submit(`${home(amber)}/claims`, { offerId: basil.liveOffer });
    assert.equal(foreign.status, 404);
    for (const other of [visitor(), await signIn(amber)]) {
      const { status } = await other.get(own);
      assert.ok([303, 404].includes(status), `${status}`);
    }
    const wrong = await shopper.submit(`${home(amber)}/sessions`, { email: 'a@example.com', code: '000000' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /id="f-code-error"/);
  });

  it('keep messages, the file and the end of an account in the shopper’s hands', async () => {
    const email = `${randomUUID()}@example.com`;
    const shopper = await signIn(amber, email);
    await shopper.get(`${home(amber)}/account`);
    await shopper.submit(`${home(amber)}/account`, { optedIn: 'on' });
    const contact = () => portals.sql('select opted_in_at from shopper_contact where email = $1', [email]);
    assert.notEqual((await contact())[0]?.opted_in_at, null);
    const file = await shopper.get(`${home(amber)}/account/export`);
    assert.match(file.headers['content-disposition']!, /attachment/);
    assert.ok(file.text.includes(email));
    await shopper.get(`${home(amber)}/account/deletion`);
    const gone = await shopper.submit(`${home(amber)}/account/deletion`);
    assert.equal(gone.headers.location, home(amber));
    assert.deepEqual(await contact(), []);
    assert.equal((await shopper.get(`${home(amber)}/account`)).status, 303);
  });

  it('have a cookie that opens nothing else: no other market and no portal', async () => {
    const shopper = await signIn(amber);
    const token = shopper.cookies.get(shopperCookie(amber))!;
    assert.ok(token);
    const account = (browser: Browser, market: MarketFixture) => browser.get(`${home(market)}/account`);
    assert.equal((await account(shopper, amber)).status, 200);
    const elsewhere = visitor();
    elsewhere.cookies.set(shopperCookie(basil), token);
    assert.equal((await account(elsewhere, basil)).status, 303);
    assert.equal(elsewhere.cookies.has(shopperCookie(basil)), false, 'a doubted cookie is taken away');
    assert.match((await shopper.get('/offers')).headers.location!, /^\/sign-in/);
    for (const name of ['access', 'refresh']) {
      const disguised = visitor();
      disguised.cookies.set(`__Host-bulkhead-partner-${name}`, token);
      assert.ok([303, 401].includes((await disguised.get('/offers')).status));
    }
    assert.equal((await visitor().api('get', '/offers', { token })).status, 401);
    const partner = await portals.signIn(partnerLogin('amber', 'owner'));
    const reversed = visitor();
    reversed.cookies.set(shopperCookie(amber), partner.cookies.get('__Host-bulkhead-partner-access')!);
    assert.equal((await account(reversed, amber)).status, 303);
  });

  it('take forms from their own pages alone', async () => {
    const shopper = await signIn(amber);
    await shopper.get(`${home(amber)}/account`);
    const crossSite = { 'Sec-Fetch-Site': 'cross-site' };
    assert.equal((await shopper.submit(`${home(amber)}/account`, {}, crossSite)).status, 403);
    const other = await signIn(amber);
    await other.get(`${home(amber)}/account`);
    shopper.csrf = other.csrf;
    assert.equal((await shopper.submit(`${home(amber)}/account/deletion`)).status, 403);
    shopper.csrf = '';
    assert.equal((await shopper.submit(`${home(amber)}/claims`, { offerId: amber.liveOffer })).status, 403);
  });

  it('count a view when an offer’s page is shown to somebody', async () => {
    const path = `${home(amber)}/offers/${amber.liveOffer}`;
    const views = () =>
      portals.sql<{ visitor: string | null }>(
        `select visitor from offer_event where offer_id = $1 and kind = 'view' and received_at > now() - interval '1 minute'
         and visitor is not null order by id`,
        [amber.liveOffer],
      );
    const before = (await views()).length;
    const reader = visitor();
    const uncounted = [
      visitor().get(path, { 'User-Agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }),
      visitor().get(path, { ...PERSON, 'Sec-Purpose': 'prefetch' }),
      visitor().get(home(amber), PERSON),
      visitor().raw('head', path).set(PERSON),
    ];
    for (const answer of await Promise.all(uncounted)) assert.equal(answer.status, 200);
    await reader.get(path, PERSON);
    await reader.get(path, PERSON);
    let found = await views();
    for (let tries = 0; tries < 100 && found.length < before + 2; tries++, found = await views())
      await pause(20);
    const [first, second] = found.slice(before);
    assert.equal(found.length, before + 2);
    assert.equal(first!.visitor, second!.visitor, 'one visitor, whose second view does not count');
    assert.notEqual(first!.visitor, [...reader.cookies].find(([name]) => name.includes('visitor'))?.[1]);
  });
});
