import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { axe } from '../support/browser-checks.ts';
import { closeQuietly, type GetDemo } from '../support/browser-demo.ts';
import { press } from '../support/browser-session.ts';
import { openShop, type Shop, type ShopWindowOptions, shopWindow } from '../support/browser-shop.ts';

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

    /** More live offers than a page of the list holds. */
    async function cloneOffers(count: number): Promise<void> {
      await sql(
        `insert into offer (market_id, id, title_en, title_ar, text_en, text_ar, price, old_price, currency, category_id,
           image_id, starts_at, ends_at, submission, is_submitted, created_at, updated_at)
         select market_id, ('019b76da-c10e-7000-8000-' || lpad(number::text, 12, '0'))::uuid, title_en || ' ' || number,
           title_ar, text_en, text_ar, price, old_price, currency, category_id, image_id, starts_at, ends_at, submission,
           is_submitted, created_at, updated_at
         from (select offer.* from offer join market on market.id = offer.market_id
           where market.slug = 'murooj' and offer.state = 'live' order by offer.id limit 1) as model,
           generate_series(1, $1::int) as number`,
        [count],
      );
      await sql(
        `update offer set decision = 'approved', decision_digest = content_digest, decided_at = now()
         where id::text like '019b76da-c10e-%'`,
      );
    }

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
      await cloneOffers(9);
      const window = await open();
      const { page } = window;
      assert.equal(await page.locator('.more').isVisible(), true);
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
      await page.goto(`${demo().portals.partner}/m/murooj`);
      const first = await page.locator('.hosted-card').count();
      await press(page, 'a[rel=next]');
      assert.equal(first + (await page.locator('.hosted-card').count()), live.length);
      await sql(`update offer set ended_at = now() where id::text like '019b76da-c10e-%'`);
      await closeQuietly(window);
    });

    it('shows what is near when it is asked to, and says so when it may not know', async () => {
      const window = await open();
      const { page, context } = window;
      await page.locator('#near').click();
      await page.locator('.told.bad').waitFor();
      assert.match(await page.locator('.told').innerText(), /not available/);
      const [branch] = await sql(
        `select branch.latitude, branch.longitude from branch join market on market.id = branch.market_id
         where market.slug = 'murooj' and branch.state = 'open' and latitude is not null limit 1`,
      );
      await context.grantPermissions(['geolocation'], { origin: shop.url });
      await context.setGeolocation({
        latitude: Number(branch!.latitude),
        longitude: Number(branch!.longitude),
      });
      await page.locator('#near').click();
      await page.locator('#near[aria-pressed=true]').waitFor();
      assert.match(await page.locator('.card .facts').first().innerText(), /\b0 km\S* away/);
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
  });
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
