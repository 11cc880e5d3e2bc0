import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { axe, pageProblems } from '../support/browser-checks.ts';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press } from '../support/browser-session.ts';
import { mailTo } from '../support/mail.ts';

const HOME = '/m/murooj';

const LOOKS = [
  { locale: 'en', theme: 'light', width: 1280, other: 'dark' },
  { locale: 'ar', theme: 'dark', width: 390, other: 'light' },
] as const;

export function hostedSuite(demo: GetDemo): void {
  describe('a hosted page', () => {
    for (const { other, ...look } of LOOKS) {
      it(`can be read and used: ${Object.values(look).join(', ')}`, async () => {
        const window = await windowOf(demo(), 'partner', null, look);
        const { page } = window;
        window.watch.expectStatus(404, 422);
        const problems: string[] = [];
        const check = async (name: string) => {
          for (const width of [look.width, look.width === 390 ? 1280 : 390]) {
            await page.setViewportSize({ width, height: 900 });
            problems.push(...(await pageProblems(page)).map((problem) => `${name} ${width}: ${problem}`));
          }
          problems.push(...(await axe(page)).map((problem) => `${name}: ${problem}`));
          await setTheme(page, other);
          problems.push(...(await axe(page, 'colours')).map((problem) => `${name} ${other}: ${problem}`));
        };
        await page.goto(HOME);
        await check('list');
        await page.goto(`${HOME}?q=nothing+like+this`);
        await check('empty list');
        await page.goto(`${HOME}?sort=sideways`);
        await check('bad filter');
        await page.goto(HOME);
        await press(page, '.hosted-card a');
        await check('offer');
        await press(page, '.hosted-claim');
        await check('sign-in');
        await press(page, '.auth .button-primary');
        await check('sign-in, sent empty');
        const email = `${randomUUID()}@example.com`;
        await page.fill('[name=email]', email);
        await press(page, '.auth .button-primary');
        await check('code');
        await press(page, '.auth .button-primary');
        await check('code, sent empty');
        const { text } = await mailTo(demo().portals.mailboxDir, email);
        await page.fill('[name=code]', /\b\d{6}\b/.exec(text)![0]);
        await press(page, '.auth .button-primary');
        await press(page, '.hosted-claim');
        await check('claim');
        for (const path of ['/claims', '/account', '/account/deletion', '/offers/x']) {
          await page.goto(`${HOME}${path}`);
          await check(path);
        }
        assert.deepEqual(problems, []);
        await closeQuietly(window);
      });
    }

    it('tells machines what it offers, and people the same in the other language', async () => {
      const window = await windowOf(demo(), 'partner', null, { locale: 'en' });
      const { page } = window;
      await page.goto(HOME);
      const [organisation, ...rest] = await graphOf(page);
      assert.equal(organisation!['@type'], 'Organization');
      const list = rest.find((node) => node['@type'] === 'ItemList');
      assert.equal(list?.numberOfItems, await page.locator('.hosted-card').count());
      assert.ok(rest.some((node) => node['@type'] === 'LocalBusiness'));
      const picture = await page.getAttribute('meta[property="og:image"]', 'content');
      assert.equal((await page.request.get(picture!)).headers()['content-type'], 'image/webp');
      await page.goto(`${HOME}?category=grocery`);
      await press(page, '.hosted-foot a[hreflang=ar]');
      assert.equal(await page.getAttribute('html', 'dir'), 'rtl');
      await press(page, '.hosted-card a');
      assert.equal(await page.getAttribute('html', 'lang'), 'ar');
      const [offer] = await graphOf(page);
      assert.equal(offer!.name, await page.innerText('h1'));
      await closeQuietly(window);
    });
  });
}

const setTheme = (page: Page, theme: string) =>
  page.evaluate((name) => {
    document.documentElement.dataset.theme = name;
  }, theme);

const graphOf = async (page: Page): Promise<Record<string, unknown>[]> =>
  JSON.parse((await page.textContent('script[type="application/ld+json"]')) ?? '{}')['@graph'];
