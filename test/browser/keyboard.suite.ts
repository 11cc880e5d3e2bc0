import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';

const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim());

export function keyboardSuite(demo: GetDemo): void {
  describe('with the keyboard alone', () => {
    it('skips to the content, opens a dialog, stays in it, leaves it and is back where it was', async () => {
      const window = await windowOf(demo(), 'admin', 'operator@example.com', { locale: 'en' });
      const { page } = window;
      await page.goto('/staff');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'Skip to content');
      assert.equal(
        await page.locator('.skip-link').evaluate((link) => link.getBoundingClientRect().top >= 0),
        true,
      );
      await page.keyboard.press('Enter');
      assert.equal(await focused(page), 'main');
      await page.locator('#list a.row-link', { hasText: 'Demo support' }).focus();
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
      await page.locator('[data-dialog]').focus();
      await page.keyboard.press('Enter');
      assert.equal(await page.locator('dialog#disable').evaluate((dialog) => dialog.matches(':modal')), true);
      for (let i = 0; i < 6; i++) {
        await page.keyboard.press('Tab');
        const outside = await page.evaluate(
          () => document.activeElement !== document.body && !document.activeElement?.closest('dialog'),
        );
        assert.equal(outside, false, 'focus left the dialog');
      }
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('dialog#disable').isVisible(), false);
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-dialog')), 'disable');
      await closeQuietly(window);
    });

    it('opens the menu of a narrow page, and every control shows its focus', async () => {
      const window = await windowOf(demo(), 'partner', 'owner@murooj.example.com', {
        locale: 'ar',
        width: 390,
      });
      const { page } = window;
      await page.goto('/team');
      await page.locator('.topbar summary').focus();
      await page.keyboard.press('Enter');
      assert.equal(await page.locator('.topbar .nav').isVisible(), true);
      const seen: string[] = [];
      for (let i = 0; i < 30; i++) {
        await page.keyboard.press('Tab');
        const { name, outline } = await page.evaluate(() => {
          const element = document.activeElement ?? document.body;
          const { outlineStyle, outlineWidth } = getComputedStyle(element);
          return {
            name: `${element.tagName} ${element.textContent?.trim()}`,
            outline: `${outlineStyle} ${outlineWidth}`,
          };
        });
        if (name.startsWith('BODY')) break;
        seen.push(name);
        assert.equal(outline, 'solid 2px', `${name} shows no focus`);
      }
      assert.ok(seen.length > 12, `${seen}`);
      await closeQuietly(window);
    });

    it('the two portals can be told apart by title and icon', async () => {
      const windows = await Promise.all([
        windowOf(demo(), 'admin', 'operator@example.com', { locale: 'en' }),
        windowOf(demo(), 'partner', 'owner@murooj.example.com', { locale: 'en' }),
      ]);
      const marks = await Promise.all(
        windows.map(async ({ page }) => [
          await page.title(),
          await page.getAttribute('link[rel=icon]', 'href'),
        ]),
      );
      assert.deepEqual(
        marks.map(([title]) => title),
        ['Admin · Overview', 'Murooj Fresh Market · Overview'],
      );
      assert.notEqual(marks[0]![1], marks[1]![1]);
      await closeQuietly(...windows);
    });
  });
}
