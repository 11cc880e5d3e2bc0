import assert from 'node:assert/strict';
import { axe, pageProblems } from '../support/browser-checks.ts';
import { type GetDemo, windowOf } from '../support/browser-demo.ts';

/** The instruments, held against what they must see: a check that finds nothing anywhere proves nothing. */
export function checksSuite(demo: GetDemo): void {
  describe('the checks themselves', () => {
    it('see bad contrast, a nameless field, sideways scroll, a raw key and a stray value', async () => {
      const { page, context } = await windowOf(demo(), 'admin', null);
      await page.goto('/sign-in');
      assert.deepEqual([...(await axe(page)), ...(await pageProblems(page))], []);
      await page.evaluate(() => {
        const main = document.querySelector('main')!;
        main.insertAdjacentHTML(
          'beforeend',
          '<p>offers:title NaN</p><p>faint words</p><input><h1>second</h1>',
        );
        const [wide, faint] = [...main.querySelectorAll<HTMLElement>(':scope > p')];
        wide!.style.width = '3000px';
        faint!.style.color = '#ddd';
      });
      assert.match((await axe(page, 'colours')).join(), /color-contrast/);
      assert.match((await axe(page)).join(), /label/);
      const found = (await pageProblems(page)).join();
      for (const each of [/sideways/, /untranslated: offers:title/, /2 h1/, /shows NaN/])
        assert.match(found, each);
      await context.close();
    });

    it('see a script without the nonce, a request that leaves, and an error', async () => {
      const { page, context, watch } = await windowOf(demo(), 'partner', null);
      await page.goto('/sign-in');
      const told = () => watch.problems.join('\n');
      const thrown = page.waitForEvent('pageerror');
      await page.evaluate(() => {
        document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }));
        setTimeout(() => {
          throw new Error('thrown on purpose');
        });
      });
      await thrown;
      await page.goto('/assets/none.css');
      await page.goto(`${demo().portals.admin}/healthz`);
      for (const each of [/CSP violation: script-src/, /thrown on purpose/, /status of 404/, /request to /])
        assert.match(told(), each);
      await context.close();
    });
  });
}
