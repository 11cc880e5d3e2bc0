import assert from 'node:assert/strict';
import { axe } from '../support/browser-checks.ts';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press } from '../support/browser-session.ts';

/** A support agent's whole case: from the receipt on an error page to the explanation, to a look, to the partner's log. */
export function supportSuite(demo: GetDemo): void {
  describe('a support agent’s case', () => {
    it('goes from a receipt to the reason, to a support session, to the partner’s access log', async () => {
      const sql = (text: string, values?: unknown[]) => demo().portals.sql(text, values);
      const [foreign] = await sql(
        `select offer.id from offer join market on market.id = offer.market_id where slug = 'barq' limit 1`,
      );
      const [market] = await sql(`select id from market where slug = 'murooj'`);

      const owner = await windowOf(demo(), 'partner', 'owner@murooj.example.com');
      owner.watch.expectStatus(404);
      await owner.page.goto(`/offers/${foreign!.id}`);
      const receipt = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/.exec(
        await owner.page.locator('main').innerText(),
      )![0];

      const support = await windowOf(demo(), 'admin', 'support@example.com', { width: 1280 });
      const { page } = support;
      const row = page.locator(`a[href="/receipts/${receipt}"]`).first();
      // Receipts are written off the request’s path.
      for (let i = 0; i < 40; i++) {
        await page.goto(`/receipts?receipt=${receipt}`);
        if (await row.count()) break;
        await page.waitForTimeout(250);
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

      await page.goto(`/markets/${market!.id}/support-sessions/new`);
      await page.fill('[name=reason]', 'The owner asks why an offer can’t be opened');
      await page.fill('[name=ticket]', 'CASE-1');
      await press(page, 'form[action="/support-sessions"] button');
      const session = new URL(page.url()).pathname.split('/').at(-1);

      await owner.page.goto('/access-log');
      await press(owner.page, `a[href="/access-log/${session}"]`);
      await press(owner.page, `form[action="/access-log/${session}/consent"] button`);

      await page.reload();
      await press(page, `form[action="/support-sessions/${session}/link"] button`);
      const link = await page.locator('a[href*="/support-session/entry"]').getAttribute('href');
      const looking = await windowOf(demo(), 'partner', null, { width: 1280 });
      await looking.page.goto(link!);
      await press(looking.page, 'form[action="/support-session/entry"] button');
      await looking.page.goto('/offers');
      assert.equal(await looking.page.locator('main form[method=post]').count(), 0);
      assert.match(await looking.page.locator('body').innerText(), /read only/i);
      assert.deepEqual(await axe(looking.page), []);

      await owner.page.goto(`/access-log/${session}`);
      assert.match(await owner.page.locator('main').innerText(), /GET \/offers/);
      assert.deepEqual(await axe(owner.page), []);
      await press(owner.page, `form[action="/access-log/${session}/stop"] button`);

      looking.watch.expectStatus(401, 403);
      await looking.page.goto('/offers');
      assert.doesNotMatch(await looking.page.locator('body').innerText(), /Create an offer|New offer/);
      assert.equal(await looking.page.locator('a[href^="/offers/"]').count(), 0);
      await closeQuietly(owner, support, looking);
    });
  });
}
