import assert from 'node:assert/strict';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press } from '../support/browser-session.ts';

/** Who gets in where, and when not any more. */
export function peopleSuite(demo: GetDemo): void {
  describe('people', () => {
    it('an invited person follows the mail, sets a password and is in', async () => {
      const owner = await windowOf(demo(), 'partner', 'owner@murooj.example.com', { locale: 'en' });
      await owner.page.goto('/team/new');
      await owner.page.fill('[name=name]', 'Demo newcomer');
      await owner.page.fill('[name=email]', 'newcomer@example.org');
      await owner.page.selectOption('main [name=locale]', 'ar');
      await owner.page.check('[name=role][value=analyst]');
      await press(owner.page, 'main form button.button-primary');
      assert.match(await owner.page.innerText('#flashes'), /newcomer@example\.org/);

      const admin = await windowOf(demo(), 'admin', 'operator@example.com', { locale: 'en' });
      await press(admin.page, '.rail a:has-text("Mailbox")');
      await press(admin.page, '#list tr:has-text("newcomer@example.org") a');
      const link = /https?:\/\/\S+/.exec(await admin.page.innerText('.mail-body'))?.[0] ?? '';
      assert.ok(link.startsWith(`${demo().portals.partner}/invitations/`), link);

      const guest = await windowOf(demo(), 'partner', null);
      await guest.page.goto(link);
      await guest.page.fill('[name=password]', 'four words of mine');
      await press(guest.page, 'main form button.button-primary');
      assert.match(await guest.page.innerText('.rail .account'), /Demo newcomer/);
      assert.equal(await guest.page.locator('.kpi').count(), 4);
      await guest.page.goto('/offers');
      assert.equal(await guest.page.locator('a[href="/offers/new"]').count(), 0);
      await closeQuietly(owner, admin, guest);
    });

    it('somebody in two markets chooses one, and may change to the other', async () => {
      const window = await windowOf(demo(), 'partner', 'two-markets@example.net', { locale: 'en' });
      const { page } = window;
      assert.match(page.url(), /\/sign-in\/market\b/);
      await page.getByLabel('Thawb & Thread').check();
      await press(page, 'main form button.button-primary');
      assert.match(await page.innerText('.rail .brand'), /Thawb & Thread/);
      assert.match(await page.innerText('.rail .account'), /Analyst/);
      await page.goto('/profile');
      await press(page, 'form[action="/profile/market"] button');
      await page.getByLabel('Murooj Fresh Market').check();
      await press(page, 'main form button.button-primary');
      assert.match(await page.innerText('.rail .brand'), /Murooj/);
      await closeQuietly(window);
    });

    it('a suspension is felt at the next click, with its reason, and ends the same way', async () => {
      const admin = await windowOf(demo(), 'admin', 'operator@example.com', { locale: 'en' });
      const owner = await windowOf(demo(), 'partner', 'owner@barq.example.com', { locale: 'en' });
      owner.watch.expectStatus(403);
      await admin.page.goto('/markets?q=Barq');
      assert.equal(await admin.page.locator('form.bulk').isVisible(), false);
      await admin.page.check('tbody .check input');
      await admin.page.click('.bulk button[value=suspended]');
      assert.equal(await admin.page.locator('#confirm').isVisible(), false, 'asks for the reason first');
      await admin.page.fill('.bulk [name=reason]', 'The papers of the pharmacy are missing.');
      await admin.page.click('.bulk button[value=suspended]');
      await press(admin.page, '#confirm [data-confirm-yes]');
      await press(owner.page, '.rail a[href="/offers"]');
      assert.match(await owner.page.innerText('main'), /suspended[\s\S]*papers of the pharmacy/);
      assert.equal(await owner.page.locator('.rail').count(), 0);
      assert.equal(await owner.page.locator('form[action="/sign-out"]').count(), 1);
      await admin.page.goto('/markets?q=Barq');
      await admin.page.check('tbody .check input');
      await press(admin.page, '.bulk button[value=active]');
      await owner.page.reload();
      assert.equal(await owner.page.locator('.rail').count(), 1);
      await closeQuietly(admin, owner);
    });

    it('signing out everywhere ends the other window too', async () => {
      const [here, there] = await Promise.all([
        windowOf(demo(), 'partner', 'owner@barq.example.com', { locale: 'en' }),
        windowOf(demo(), 'partner', 'owner@barq.example.com', { locale: 'en' }),
      ]);
      await here.page.goto('/profile');
      assert.match(await here.page.innerText('main'), /Chrome on /);
      await press(here.page, 'form[action="/sign-out/everywhere"] button');
      assert.match(await here.page.innerText('main'), /every device/);
      await there.page.goto('/offers');
      assert.match(there.page.url(), /\/sign-in\?next=/);
      await closeQuietly(here, there);
    });
  });
}
