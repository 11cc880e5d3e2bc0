import assert from 'node:assert/strict';
import sharp from 'sharp';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press, type Window } from '../support/browser-session.ts';
import { inDays } from '../support/offers.ts';

const titleAr = 'قهوة عربية محمصة، نصف كيلو';
const titleEn = 'Roasted Arabic coffee, 500 g';
const newTitleAr = 'قهوة عربية محمصة بالهيل، نصف كيلو';

const imageLoaded = (selector: string) => {
  const image = document.querySelector<HTMLImageElement>(selector);
  return image?.complete && image.naturalWidth > 0;
};

/** One offer's way from an Arabic form to shoppers, with one refusal, through both portals at once. */
export function offersSuite(demo: GetDemo): void {
  describe('an offer written in Arabic', () => {
    let partner: Window;
    let admin: Window;
    let path: string;

    before(async () => {
      partner = await windowOf(demo(), 'partner', 'manager@murooj.example.com', { locale: 'en' });
      admin = await windowOf(demo(), 'admin', 'operator@example.com', { locale: 'en' });
    });

    it('is filled in on an Arabic page, previewed while typing, and submitted with a picture', async () => {
      const { page } = partner;
      await press(page, '.rail button[name=locale]');
      assert.equal(await page.getAttribute('html', 'dir'), 'rtl');
      await press(page, '.rail a:has-text("العروض")');
      await press(page, 'main a:has-text("عرض جديد")');
      await page.fill('[name=titleAr]', titleAr);
      await page.fill('[name=titleEn]', titleEn);
      await page.fill('[name=textAr]', 'تُحمّص كل أسبوع.');
      await page.fill('[name=textEn]', 'Roasted every week.');
      await page.fill('[name=price]', '42.50');
      await page.fill('[name=oldPrice]', '55');
      await page.selectOption('[name=categoryId]', { index: 1 });
      await page.fill('[name=endsAt]', inDays(30));
      await page.locator('.choices input[type=checkbox]').first().check();
      const buffer = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#6b4226' } })
        .png()
        .toBuffer();
      await page.setInputFiles('[name=image]', { name: 'coffee.png', mimeType: 'image/png', buffer });
      await page.waitForFunction(imageLoaded, '#preview-image');
      await page.locator('#preview', { hasText: '42.50' }).waitFor();
      assert.match(await page.innerText('#preview [lang=ar]'), /قهوة عربية[\s\S]*42\.50/);
      await press(page, 'button[value=submit]');
      assert.match(await page.innerText('#flashes'), /أُرسل العرض للموافقة/);
      path = new URL(page.url()).pathname;
      await page.waitForFunction(imageLoaded, 'main img');
      assert.match(await page.innerText('.page-title'), new RegExp(`${titleAr}[\\s\\S]*قيد المراجعة`));
    });

    it('is found by the operator, who must give a reason to send it back', async () => {
      const { page, watch } = admin;
      await press(page, '.rail a:has-text("Moderation")');
      await page.fill('#list-q', 'Roasted Arabic');
      await page.waitForURL(/[?&]q=Roasted/);
      await page.locator('#list tbody tr').nth(1).waitFor({ state: 'detached' });
      await press(page, `#list a:has-text("${titleEn}")`);
      await page.waitForFunction(imageLoaded, 'main img');
      watch.expectStatus(422);
      await press(page, 'button[value=rejected]');
      assert.equal(await page.getAttribute('[name=reason]', 'aria-invalid'), 'true');
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'error-summary');
      await page.fill('[name=reason]', 'Say that it has cardamom in it.');
      await press(page, 'button[value=rejected]');
      assert.match(await page.innerText('main'), /Rejected[\s\S]*cardamom/);
    });

    it('tells its writer why, and goes in again', async () => {
      const { page } = partner;
      await page.goto(path);
      assert.match(await page.innerText('main'), /Say that it has cardamom in it\./);
      await press(page, `main a[href$="/edit"]`);
      await page.fill('[name=titleAr]', newTitleAr);
      await press(page, 'button[value=submit]');
      assert.match(await page.innerText('.page-title'), /قيد المراجعة/);
    });

    it('is approved', async () => {
      const { page } = admin;
      await page.reload();
      assert.match(await page.innerText('main'), /بالهيل/);
      await press(page, 'button[value=approved]');
      assert.match(await page.innerText('#flashes'), /approved/);
    });

    it('is live for its market, in its list and its trail', async () => {
      const { page } = partner;
      await page.goto(path);
      assert.match(await page.innerText('.page-title'), /منشور/);
      await page.goto('/offers?state=live');
      assert.equal(await page.locator(`#list a[href="${path}"]`).innerText(), newTitleAr);
      await page.goto('/audit');
      const trail = await page.locator('#list tbody tr').allInnerTexts();
      assert.match(trail[0]!, /تمت الموافقة|وُوفق|الموافقة/);
      await closeQuietly(partner, admin);
    });
  });
}
