import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { axe } from '../support/browser-checks.ts';
import { closeQuietly, type GetDemo } from '../support/browser-demo.ts';
import {
  openShop,
  type Shop,
  type ShopWindowOptions,
  shopWindow,
  signInAtShop,
} from '../support/browser-shop.ts';

/** What the widget does when something is wrong, and what it leaves behind. */
export function widgetStatesSuite(demo: GetDemo): void {
  describe('the widget, when something is wrong', () => {
    let shop: Shop;
    before(async () => {
      shop = await openShop(demo());
    });
    after(() => shop.close());

    const open = (options: ShopWindowOptions = {}) => shopWindow(demo(), shop, options);
    const sql = (text: string, values?: unknown[]) => demo().portals.sql(text, values);

    it('keeps showing what it has without a connection, and comes back with it', async () => {
      const window = await open();
      const { page, context } = window;
      const cards = await page.locator('.card').count();
      const allowed = window.watch.problems.length;
      await context.setOffline(true);
      await page.locator('.notice.warn').waitFor();
      assert.equal(await page.locator('.card').count(), cards);
      await page.locator('.notice.warn .button').click();
      await page.locator('.main:not([aria-busy])').waitFor();
      assert.equal(await page.locator('.notice.warn').count(), 1);
      assert.deepEqual(await axe(page), []);
      await context.setOffline(false);
      await page.locator('.notice.warn').waitFor({ state: 'detached' });
      assert.equal(await page.locator('.card').count(), cards);
      const told = window.watch.problems.splice(allowed);
      assert.deepEqual(
        told.filter((line) => !/ERR_INTERNET_DISCONNECTED/.test(line)),
        [],
      );
      await closeQuietly(window);
    });

    it('says why it shows nothing: a revoked key, a site that the key is not for', async () => {
      const states = [
        ['origins', `array['https://elsewhere.example']`, `array[]::text[]`, /not on the list/],
        ['revoked_at', 'now()', 'null', /does not work any more/],
      ] as const;
      for (const [column, value, back, words] of states) {
        await sql(`update publishable_key set ${column} = ${value} where id = $1`, [shop.keyId]);
        const { context, page } = await open();
        assert.match(await page.locator('.notice.error').innerText(), words);
        assert.equal(await page.locator('.notice .button').count(), 0, 'trying again would not help');
        assert.deepEqual(await axe(page), []);
        await context.close();
        await sql(`update publishable_key set ${column} = ${back} where id = $1`, [shop.keyId]);
      }
    });

    it('says that too many codes were asked for', async () => {
      const email = `${randomUUID()}@example.com`;
      for (let i = 0; i < 5; i++) {
        await fetch(`${demo().portals.partner}/public/v1/sign-in-codes`, {
          method: 'POST',
          headers: { 'Bulkhead-Key': shop.key, 'Content-Type': 'application/json' },
          body: JSON.stringify({ email }),
        });
      }
      const window = await open();
      window.watch.expectStatus(429);
      const { page } = window;
      await page.locator('.tab').last().click();
      await page.fill('#email', email);
      await page.locator('.form .primary').click();
      assert.match(await page.locator('.notice.error').innerText(), /Too many attempts/);
      await closeQuietly(window);
    });

    it('says that the last one has gone while the offer was open', async () => {
      const window = await open();
      window.watch.expectStatus(409);
      const { page } = window;
      await signInAtShop(page, demo().portals.mailboxDir);
      await page.locator('.tab').first().click();
      const id = await page.locator('.card').nth(1).getAttribute('data-offer');
      await sql(
        `update offer set claim_limit = 1 + coalesce((select claimed from offer_claims where offer_id = offer.id), 0)
         where id = $1`,
        [id],
      );
      await page.locator('.card .open').nth(1).click();
      await page.locator('.facts', { hasText: 'Only one left' }).waitFor();
      await sql(
        `insert into offer_claims (market_id, offer_id, claimed) select market_id, id, claim_limit from offer where id = $1
         on conflict (market_id, offer_id) do update set claimed = excluded.claimed`,
        [id],
      );
      await page.locator('.offer .primary').click();
      assert.match(await page.locator('.notice.error').innerText(), /All of them have been claimed/);
      await sql('update offer set claim_limit = null where id = $1', [id]);
      await closeQuietly(window);
    });

    it('keeps account, messages and their end in the shopper’s hands', async () => {
      const window = await open({ width: 390 });
      const { page } = window;
      const email = await signInAtShop(page, demo().portals.mailboxDir);
      const optedIn = async () =>
        (await sql('select opted_in_at is not null as yes from shopper_contact where email = $1', [email]))[0]
          ?.yes;
      await page.locator('.tab').last().click();
      await page.check('#messages');
      await page.locator('.told', { hasText: 'You will get messages' }).waitFor();
      assert.equal(await optedIn(), true);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('.actions .button').first().click(),
      ]);
      assert.equal(download.suggestedFilename(), 'murooj.json');
      await page.locator('.actions .danger').click();
      assert.deepEqual(await axe(page), []);
      await page.locator('.actions .danger').click();
      await page.locator('.told', { hasText: 'deleted' }).waitFor();
      assert.equal(await optedIn(), undefined);
      assert.equal(
        await page.evaluate(() => Object.keys(localStorage).some((name) => name.endsWith(':token'))),
        false,
      );
      await closeQuietly(window);
    });

    it('reports views in nobody’s name, whoever is signed in', async () => {
      const window = await open();
      const { page } = window;
      await signInAtShop(page, demo().portals.mailboxDir);
      const reported = page.waitForRequest('**/public/v1/events');
      // On a page of its own every card is seen anew.
      await page.reload();
      const headers = await (await reported).allHeaders();
      assert.equal(headers['bulkhead-key'], shop.key);
      assert.equal(headers.authorization, undefined);
      await closeQuietly(window);
    });

    it('reports views once, although an answer was lost on the way', async () => {
      const window = await open();
      const { page, context } = window;
      const sent: { id: string; offerId: string }[][] = [];
      let losses = 0;
      await context.route('**/public/v1/events', async (route) => {
        sent.push(JSON.parse(route.request().postData() ?? '{}').events);
        if (losses++ > 0) return route.continue();
        await route.fetch();
        await route.abort('connectionreset');
      });
      await page.evaluate(() => sessionStorage.clear());
      await page.reload();
      await page.locator('.card').first().waitFor();
      for (let i = 0; i < 100 && sent.length === 0; i++) await pause(50);
      // The next page sends what was not acknowledged on this one.
      await page.reload();
      for (let i = 0; i < 100 && sent.length < 2; i++) await pause(50);
      const [first = [], second = []] = sent;
      assert.ok(first.length > 0);
      const ids = first.map(({ id }) => id);
      assert.deepEqual(
        second.slice(0, ids.length).map(({ id }) => id),
        ids,
      );
      const rows = await sql(
        'select id, count(*)::int as times from offer_event where id = any($1) group by id',
        [ids],
      );
      assert.deepEqual(
        rows.map(({ times }) => times),
        ids.map(() => 1),
      );
      await context.close();
    });
  });
}
