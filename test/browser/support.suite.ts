import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { axe } from '../support/browser-checks.ts';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press } from '../support/browser-session.ts';
import { mailTo } from '../support/mail.ts';

const RECEIPT = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/;

/** A support session's page as it has to look: nobody may take it for the partner's own. */
async function marked(page: Page): Promise<void> {
  assert.match(await page.title(), /^Support · /);
  assert.match((await page.locator('link[rel=icon]').getAttribute('href'))!, /favicon-support/);
  const bar = page.locator('.support-bar');
  assert.match(await bar.innerText(), /Viewing as .* · read only · .* · \d+ min left\s+End/);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  assert.ok(
    await bar.evaluate((each) => Math.abs(each.getBoundingClientRect().top) < 1),
    'the bar is not sticky',
  );
  const look = await page.evaluate(() => ({
    frame: getComputedStyle(document.body, '::after').borderInlineStartWidth,
    stripe: getComputedStyle(document.querySelector('.rail')!, '::before').backgroundImage,
  }));
  assert.equal(look.frame, '6px');
  assert.match(look.stripe, /repeating-linear-gradient/);
}

/** A support agent's whole case: from the receipt on an error page to the explanation, to a look, to the partner's log. */
export function supportSuite(demo: GetDemo): void {
  describe('a support agent’s case', () => {
    it('goes from a receipt to the reason, to a support session, to the partner’s access log', async () => {
      const sql = (text: string, values?: unknown[]) => demo().portals.sql(text, values);
      const [foreign] = await sql(
        `select offer.id from offer join market on market.id = offer.market_id where slug = 'barq' limit 1`,
      );
      const [market] = await sql(`select id from market where slug = 'murooj'`);

      const owner = await windowOf(demo(), 'partner', 'owner@murooj.example.com', { locale: 'en' });
      owner.watch.expectStatus(404);
      await owner.page.goto(`/offers/${foreign!.id}`);
      assert.equal(await owner.page.locator('main .error-page h1').innerText(), 'Not found');
      const receipt = RECEIPT.exec(await owner.page.locator('main .error-page').innerText())![0];

      const support = await windowOf(demo(), 'admin', 'support@example.com', { width: 1280 });
      const { page } = support;
      const row = page.locator(`a[href="/receipts/${receipt}"]`).first();
      await press(page, '.rail a[href="/receipts"]');
      await page.fill('[name=receipt]', receipt);
      await press(page, 'form:has([name=receipt]) button');
      // Receipts are written off the request’s path.
      for (let i = 0; i < 40 && !(await row.count()); i++) {
        await page.waitForTimeout(250);
        await page.reload();
      }
      await press(page, `a[href="/receipts/${receipt}"]`);
      assert.match(await page.locator('main').innerText(), /GET \/offers\/:id/);
      assert.match(await page.locator('main').innerText(), /bulkhead_partner/);
      assert.deepEqual(await axe(page), []);

      await press(page, 'a[href^="/why?"]');
      await page.selectOption('[name=table]', 'offer');
      await page.fill('[name=row]', foreign!.id as string);
      await press(page, 'form[action="/why"] button');
      const answer = await page.locator('main').innerText();
      assert.match(answer, /market_id/);
      assert.deepEqual(await axe(page), []);

      await press(page, '.rail a[href="/markets"]');
      await press(page, `main a[href="/markets/${market!.id}"]`);
      await press(page, `main a[href="/markets/${market!.id}/support-sessions/new"]`);
      const since = Date.now();
      await page.fill('[name=reason]', 'The owner asks why an offer can’t be opened');
      await page.fill('[name=ticket]', 'CASE-1');
      await press(page, 'form[action="/support-sessions"] button');
      const session = new URL(page.url()).pathname.split('/').at(-1);
      assert.match(await page.locator('main').innerText(), /asked by mail/);

      const mail = await mailTo(demo().portals.mailboxDir, 'owner@murooj.example.com', since);
      assert.ok(mail.text.includes(`/access-log/${session}`), mail.text);
      owner.watch.expectStatus(404);
      await owner.page.goto('/');
      await press(owner.page, '.support-notice a');
      await press(owner.page, `main a[href="/access-log/${session}"]`);
      await press(owner.page, `form[action="/access-log/${session}/consent"] button`);

      await page.reload();
      await press(page, `form[action="/support-sessions/${session}/link"] button`);
      const link = await page.locator('a[href*="/support-session/entry"]').getAttribute('href');
      const looking = await windowOf(demo(), 'partner', null, { locale: 'en' });
      await looking.page.goto(link!);
      await press(looking.page, 'form[action="/support-session/entry"] button');
      await press(looking.page, '.rail a[href="/offers"]');
      await marked(looking.page);
      assert.equal(await looking.page.locator('form[method=post]').count(), 1);
      assert.deepEqual(await axe(looking.page), []);

      await owner.page.goto('/');
      assert.match(await owner.page.locator('.support-notice').innerText(), /looking at your market now/);
      await press(owner.page, '.support-notice a');
      await press(owner.page, `main a[href="/access-log/${session}"]`);
      const log = await owner.page.locator('main').innerText();
      for (const said of [/GET \/offers/, /CASE-1/, /The owner asks why/, /Support/, RECEIPT])
        assert.match(log, said);
      assert.deepEqual(await axe(owner.page), []);
      await press(owner.page, `form[action="/access-log/${session}/stop"] button`);

      looking.watch.expectStatus(403);
      await press(looking.page, '.rail a[href="/branches"]');
      const ended = await looking.page.locator('main').innerText();
      assert.match(ended, /The support session has ended\s+The market has stopped it/);
      assert.match(ended, RECEIPT);
      assert.deepEqual(await axe(looking.page), []);
      await closeQuietly(owner, support, looking);
    });
  });
}
