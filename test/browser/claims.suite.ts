import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import decodeQR from 'qr/decode.js';
import sharp from 'sharp';
import { axe, pageProblems } from '../support/browser-checks.ts';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press, type Window } from '../support/browser-session.ts';
import { openShop, type Shop, shopWindow, signInAtShop } from '../support/browser-shop.ts';
import { mailTo } from '../support/mail.ts';

/** From a shop's page over a phone at the till to the market's figures. */
export function claimsSuite(demo: GetDemo): void {
  describe('a claim', () => {
    let shop: Shop;
    before(async () => {
      shop = await openShop(demo());
    });
    after(() => shop.close());

    it('is made in the widget, scanned and redeemed at the till, and counted for the market', async () => {
      const { portals } = demo();
      const shopper = await shopWindow(demo(), shop, { width: 390 });
      await signInAtShop(shopper.page, portals.mailboxDir);
      const offer = (await shopper.page.locator('.card').first().getAttribute('data-offer'))!;
      await shopper.page.locator('.card .open').first().click();
      await shopper.page.locator('.offer .primary').click();
      await shopper.page.locator('.ticket .qr').waitFor();
      assert.deepEqual(await axe(shopper.page), []);
      const address = await scan(shopper);
      const code = (await shopper.page.locator('.ticket .code bdi').innerText()).replace('-', '');
      assert.equal(address, `${portals.partner}/redemptions?code=${code}`);

      const counted = () => figures(offer);
      const before = await counted();
      const staff = await windowOf(demo(), 'partner', 'analyst@murooj.example.com', {
        locale: 'en',
        width: 390,
      });
      const seen = await overview(staff);
      await staff.page.goto(address);
      assert.deepEqual([...(await pageProblems(staff.page)), ...(await axe(staff.page))], []);
      await staff.page.selectOption('[name=branchId]', { index: 1 });
      await press(staff.page, '.till button[type=submit]');
      assert.match(await staff.page.innerText('.till-state'), /Redeemed/);
      await staff.page.goto(address);
      assert.equal(await staff.page.locator('.till button[type=submit]').count(), 0, 'once is all');

      // The widget asks by itself whether the till has taken it.
      await shopper.page.locator('.ticket .is-redeemed').waitFor();
      for (let i = 0; i < 300 && (await counted()).redeem === before.redeem; i++) await pause(100);
      assert.equal((await counted()).redeem, before.redeem + 1);
      const now = await overview(staff);
      assert.equal(now.redeem, seen.redeem + 1);
      await closeQuietly(shopper, staff);
    });

    it('is made on the hosted page without JavaScript, with its QR code', async () => {
      const { portals } = demo();
      const window = await windowOf(demo(), 'partner', null, { locale: 'en', scripts: false, width: 390 });
      window.watch.expectStatus(422);
      const { page } = window;
      const email = `${randomUUID()}@example.com`;
      await page.goto('/m/murooj');
      await page.fill('[name=q]', 'honey');
      await press(page, '.hosted-filters button');
      assert.match(await page.locator('.hosted-card').first().innerText(), /honey/i);
      await press(page, '.hosted-card a');
      await press(page, '.hosted-claim');
      await page.fill('[name=email]', 'nobody');
      await press(page, '.auth .button-primary');
      assert.equal(await page.locator('#f-email-error').count(), 1);
      await page.fill('[name=email]', email);
      await press(page, '.auth .button-primary');
      const { text } = await mailTo(portals.mailboxDir, email);
      await page.fill('[name=code]', /\b\d{6}\b/.exec(text)![0]);
      await press(page, '.auth .button-primary');
      await press(page, '.hosted-claim');
      assert.match(await page.innerText('#flashes'), /It is yours/);
      assert.match(await scan(window, '.hosted-qr'), /\/redemptions\?code=[0-9A-Z]{8}$/);
      await page.goto('/m/murooj/account');
      await press(page, 'form[action$="/sign-out"] button');
      assert.match(await page.innerText('#flashes'), /signed out/);
      await closeQuietly(window);
    });

    async function figures(offer: string): Promise<{ redeem: number }> {
      const [row] = await demo().portals.sql<{ redeem: number }>(
        `select coalesce(sum(events), 0)::int as redeem from event_day where offer_id = $1 and kind = 'redeem'`,
        [offer],
      );
      return row!;
    }
  });
}

/** What a scanner reads from the screen. */
async function scan({ page }: Window, selector = '.ticket .qr'): Promise<string> {
  const picture = await page.locator(selector).screenshot();
  const { data, info } = await sharp(picture).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return decodeQR({ width: info.width, height: info.height, data });
}

/** Redemptions of today as the overview shows them. */
async function overview({ page }: Window): Promise<{ redeem: number }> {
  await page.goto('/');
  const texts = await page.locator('.kpi').allInnerTexts();
  const redeem = texts.find((text) => /redeem/i.test(text) && /today/i.test(text)) ?? '';
  return { redeem: Number(/([\d,]+) today/.exec(redeem)?.[1]?.replaceAll(',', '')) };
}
