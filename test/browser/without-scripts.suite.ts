import assert from 'node:assert/strict';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press } from '../support/browser-session.ts';
import { inDays } from '../support/offers.ts';

export function withoutScriptsSuite(demo: GetDemo): void {
  describe('without JavaScript', () => {
    it('partner: signs in, filters, writes an offer, sees the preview, submits, ends it by dialog', async () => {
      const window = await windowOf(demo(), 'partner', 'manager@murooj.example.com', {
        locale: 'en',
        scripts: false,
      });
      const { page } = window;
      await page.goto('/offers');
      await page.fill('#list-q', 'olive');
      await press(page, '.toolbar button');
      assert.match(page.url(), /q=olive/);
      assert.match(await page.innerText('#list tbody'), /olive/i);
      await page.goto('/offers/new');
      await page.fill('[name=titleEn]', 'Plain page offer');
      await page.fill('[name=titleAr]', 'عرض بلا برمجة');
      await page.fill('[name=textEn]', 'Text');
      await page.fill('[name=textAr]', 'نص');
      await page.fill('[name=price]', '10');
      await page.selectOption('[name=categoryId]', { index: 1 });
      await page.fill('[name=endsAt]', inDays(30));
      await page.locator('.choices input[type=checkbox]').first().check();
      await press(page, 'button[formaction*="/preview"]');
      assert.match(await page.innerText('#preview'), /Plain page offer/);
      assert.equal(await page.inputValue('[name=price]'), '10');
      await press(page, 'button[value=submit]');
      assert.match(await page.innerText('.page-title'), /Submitted/);
      await press(page, 'form[action$="/withdrawal"] button');
      assert.match(await page.innerText('.page-title'), /Draft/);
      await page.click('main a[href="#delete-offer"]');
      const dialog = page.locator('#delete-offer');
      assert.equal(await dialog.isVisible(), true);
      await press(page, '#delete-offer .button-danger');
      assert.match(await page.innerText('#flashes'), /deleted/);
      await closeQuietly(window);
    });

    it('admin: signs in, suspends from the list and gets told what is missing, decides about an offer', async () => {
      const window = await windowOf(demo(), 'admin', 'operator@example.com', {
        locale: 'en',
        scripts: false,
        width: 390,
      });
      const { page } = window;
      await page.goto('/markets?q=Sikka');
      await page.check('tbody .check input');
      await press(page, '.bulk button[value=suspended]');
      assert.match(await page.innerText('#flashes'), /why/);
      await page.goto('/offers');
      await press(page, '#list tbody tr:nth-child(4) a.row-link');
      await press(page, 'button[value=approved]');
      assert.match(await page.innerText('#flashes'), /approved/);
      await page.click('.topbar summary');
      await press(page, '.topbar form[action="/sign-out"] button');
      assert.match(page.url(), /\/sign-in/);
      await closeQuietly(window);
    });
  });
}
