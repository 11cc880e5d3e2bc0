import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { axe, pageProblems } from '../support/browser-checks.ts';
import { closeQuietly, type GetDemo } from '../support/browser-demo.ts';
import { openWindow } from '../support/browser-session.ts';
import { claims, next, pair, pairingLink, redeem, unlock } from '../support/browser-till.ts';

const LOOKS = [
  { locale: 'en', theme: 'light', width: 390 },
  { locale: 'ar', theme: 'dark', width: 390 },
  { locale: 'ar', theme: 'light', width: 1280 },
  { locale: 'en', theme: 'dark', width: 1280 },
] as const;

/** Every screen, read by axe and measured, in both languages, colours and widths. */
export function tillLooksSuite(demo: GetDemo): void {
  describe('the till’s screens', () => {
    for (const look of LOOKS) {
      it(`can be read and used: ${Object.values(look).join(', ')}`, async () => {
        const till = await openWindow(demo().browser, demo().portals.partner, look);
        const { page, context } = till;
        await context.addInitScript(({ locale, theme }) => {
          localStorage.setItem('bulkhead-till:locale', locale);
          localStorage.setItem('bulkhead-till:theme', theme);
        }, look);
        const found: string[] = [];
        const check = async (name: string) => {
          for (const problem of [
            ...(await axe(page)),
            ...(await pageProblems(page)),
            ...(await smallThings(page)),
          ])
            found.push(`${name}: ${problem}`);
        };
        await page.goto('/till');
        await page.locator('#pairing').waitFor();
        await check('pair');
        await page.fill('#pairing', 'ABCD-EFGH-JKMN');
        till.watch.expectStatus(401, 422);
        till.watch.expectNoNetwork();
        await page.locator('.till-form button').click();
        await page.locator('#pairing-error').waitFor();
        await check('pair, refused');
        await pair(page, await pairingLink(demo(), `Look ${Object.values(look)}`));
        await check('ready');
        const [made] = await claims(demo(), 1);
        await redeem(page, made!.code);
        await check('redeemed');
        await next(page);
        await redeem(page, made!.code);
        await check('already redeemed');
        await next(page);
        await context.setOffline(true);
        await redeem(page, 'ZZZZZZZZ');
        await check('unknown, offline');
        await page.locator('.till-actions .till-primary').click();
        await page.locator('#code').waitFor();
        await check('offline');
        await page.locator('[data-tool=queue]').click();
        await check('queue');
        await page.locator('[data-tool=settings]').click();
        await check('settings');
        await page.reload();
        await page.locator('#pin').waitFor();
        await check('lock');
        await unlock(page);
        await page.locator('#code').waitFor();
        assert.equal(
          await page.evaluate(() => document.documentElement.dir),
          look.locale === 'ar' ? 'rtl' : 'ltr',
        );
        assert.deepEqual(found, []);
        await closeQuietly(till);
      });
    }

    it('are used by keyboard alone', async () => {
      const till = await openWindow(demo().browser, demo().portals.partner, { width: 1280 });
      const { page } = till;
      till.watch.expectStatus(401);
      await pair(page, await pairingLink(demo(), 'Keyboard'));
      const [made] = await claims(demo(), 1);
      assert.equal(await focused(page), 'code');
      await page.keyboard.type(`${made!.code}\n`);
      await page.locator('.till-result').waitFor();
      assert.equal(await focused(page), 'Next customer');
      await page.keyboard.press('Enter');
      await page.locator('#code').waitFor();
      assert.equal(await focused(page), 'code');
      await page.keyboard.press('Shift+Tab');
      assert.equal(await focused(page), 'Scan the code');
      await closeQuietly(till);
    });
  });
}

const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);

/** A till is touched in a hurry and read from afar. */
const smallThings = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, input, summary')]
      .filter((element) => element.offsetParent !== null)
      .flatMap((element) => {
        const { height } = element.getBoundingClientRect();
        const size = Number.parseFloat(getComputedStyle(element).fontSize);
        const name = element.id || element.textContent;
        return [
          ...(height >= 56 ? [] : [`${name} is ${height}px high`]),
          ...(size >= 18 ? [] : [`${name} is written in ${size}px`]),
          ...(element.hasAttribute('style') ? [`${name} has a style of its own`] : []),
        ];
      }),
  );
