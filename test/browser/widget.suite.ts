import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { axe } from '../support/browser-checks.ts';
import { closeQuietly, type GetDemo } from '../support/browser-demo.ts';
import { openShop, type Shop, type ShopWindowOptions, shopWindow } from '../support/browser-shop.ts';
import { mailTo } from '../support/mail.ts';

/** The widget in a page of another origin, whose policy allows next to nothing. */
export function widgetSuite(demo: GetDemo): void {
  describe('the widget on a foreign origin', () => {
    let shop: Shop;
    before(async () => {
      shop = await openShop(demo());
    });
    after(() => shop.close());

    const open = (options: ShopWindowOptions = {}) => shopWindow(demo(), shop, options);
    const sql = (text: string, values?: unknown[]) => demo().portals.sql(text, values);

    const looks: [string, (page: Page) => Promise<void>][] = [
      ['the list', async () => {}],
      ['an offer', (page) => page.locator('.card .open').first().click()],
      ['signing in', (page) => page.locator('.offer .primary').click()],
      ['a wrong address', (page) => page.locator('.form .primary').click()],
    ];
    for (const options of [
      { locale: 'en', theme: 'light', width: 1280 },
      { locale: 'ar', theme: 'dark', width: 390 },
      { locale: 'ar', theme: 'light', width: 1280 },
      { locale: 'en', theme: 'dark', width: 390 },
    ] as const) {
      it(`can be read and used: ${Object.values(options).join(', ')}`, async () => {
        const window = await open(options);
        const { page } = window;
        const found: string[] = [];
        for (const [name, act] of looks) {
          await act(page);
          await page.locator('.main:not([aria-busy])').waitFor();
          found.push(...(await axe(page)).map((problem) => `${name}: ${problem}`));
          found.push(...(await layoutProblems(page)).map((problem) => `${name}: ${problem}`));
        }
        assert.deepEqual(found, []);
        assert.equal(
          await page.locator('.root').getAttribute('dir'),
          options.locale === 'ar' ? 'rtl' : 'ltr',
        );
        await closeQuietly(window);
      });
    }

    it('shows the market’s live offers, filters and sorts them, and loads more', async () => {
      const window = await open();
      const { page } = window;
      const live = await sql(
        `select offer.title_en as title, offer.price from offer join market on market.id = offer.market_id
         where market.slug = 'murooj' and offer.state = 'live' and coalesce(starts_at <= now(), true)
           and coalesce(ends_at > now(), true)`,
      );
      while (await page.locator('.more').isVisible()) {
        const before = await page.locator('.card').count();
        await page.locator('.more').click();
        await page.locator(`.card >> nth=${before}`).waitFor();
      }
      const titles = await page.locator('.card .open').allInnerTexts();
      assert.deepEqual(titles.sort(), live.map(({ title }) => String(title)).sort());
      await page.locator('#sort').selectOption('price');
      await page.locator('.told:not(:empty)').waitFor();
      const cheapest = Math.min(...live.map(({ price }) => Number(price)));
      assert.match(
        await page.locator('.card .price').first().innerText(),
        new RegExp((cheapest / 100).toFixed(2)),
      );
      assert.equal(await focused(page), 'sort');
      await closeQuietly(window);
    });

    it('is used by keyboard alone, and focus goes where the screen goes', async () => {
      const window = await open();
      const { page } = window;
      await page.locator('.tab').first().focus();
      for (let presses = 0; presses < 20 && (await focused(page)) !== 'open'; presses++)
        await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.locator('.offer').waitFor();
      assert.equal(await focused(page), 'title');
      for (let presses = 0; presses < 10 && !(await focused(page)).includes('primary'); presses++)
        await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.locator('#email').waitFor();
      assert.equal(await focused(page), 'title');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'email');
      await page.keyboard.press('Enter');
      assert.equal(await page.locator('#email').getAttribute('aria-invalid'), 'true');
      assert.match(await page.locator('#email-wrong').innerText(), /e-mail address/);
      await closeQuietly(window);
    });

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
      await signIn(page, demo().portals.mailboxDir);
      await page.locator('.tab').first().click();
      const id = await page.locator('.card').nth(2).getAttribute('data-offer');
      await sql(
        `update offer set claim_limit = 1 + coalesce((select claimed from offer_claims where offer_id = offer.id), 0)
         where id = $1`,
        [id],
      );
      await page.locator('.card .open').nth(2).click();
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
      const email = await signIn(page, demo().portals.mailboxDir);
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

/** Signs in through the widget's own screens. @returns the address */
export async function signIn(page: Page, mailboxDir: string): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  await page.locator('.tab').last().click();
  await page.fill('#email', email);
  await page.locator('.form .primary').click();
  await page.locator('#code').waitFor();
  const { text } = await mailTo(mailboxDir, email);
  await page.fill('#code', /\b\d{6}\b/.exec(text)![0]);
  await page.locator('.form .primary').click();
  await page.locator('.card').first().waitFor();
  return email;
}

/** The id or class of what has the focus inside of the widget. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const host = document.activeElement;
    const inner = host?.shadowRoot?.activeElement;
    return inner ? inner.id || inner.className : '';
  });

/** Nothing sideways, nothing styled inline, nothing of the page's own rules inside. */
const layoutProblems = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const host = [...document.querySelectorAll('*')].find((element) => element.shadowRoot)!;
    const inside = [...host.shadowRoot!.querySelectorAll('*')];
    const { scrollWidth, clientWidth } = document.documentElement;
    const label = host.shadowRoot!.querySelector('button')!;
    return [
      ...(scrollWidth > clientWidth ? [`scrolls sideways by ${scrollWidth - clientWidth}px`] : []),
      ...inside
        .filter((element) => element.hasAttribute('style'))
        .map(({ tagName }) => `style at ${tagName}`),
      ...inside.filter(({ tagName }) => tagName === 'STYLE').map(() => 'a style element'),
      ...(getComputedStyle(label).textTransform === 'none' ? [] : ['the page’s rules reach inside']),
    ];
  });
