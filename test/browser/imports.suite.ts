import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../../server/paths.ts';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press, type Window } from '../support/browser-session.ts';
import { skipBecause } from '../support/setup.ts';

const shared = join(root, '../shared/data');

/** Two good products, one of them with variants, and two that can't be read. */
const OWN = `Handle,Title,Body (HTML),Variant Price,Variant Compare At Price,Published
demo-tea,Demo tea,<p>Loose <b>leaf</b></p>,12.50,15.00,true
demo-tea,,,14.00,,
demo-mug,Demo mug,A mug,30,,true
demo-broken,Demo broken,,twelve,,true
demo-nameless,,,9.00,,true
`;

/** Upload, columns, check; ends on the page that says what would happen. */
async function upload(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.goto('/imports/new');
  await page.setInputFiles('[name=file]', { name, mimeType: 'text/csv', buffer });
  await press(page, 'main form button.button-primary');
  const title = page.locator('[name=column-title] option:checked');
  assert.equal(await title.innerText(), 'Title', 'the columns are guessed');
  await press(page, 'form[action$="/mapping"] button.button-primary');
}

const figures = async (page: Page) =>
  (await page.locator('.kpi-value').allInnerTexts()).map((text) => Number(text));

async function run(page: Page): Promise<void> {
  await press(page, 'form[action$="/run"] button.button-primary');
  // The page fills in its own progress; nobody reloads it.
  await page.locator('main .notice', { hasText: /The import is done/ }).waitFor({ timeout: 30_000 });
}

export function importsSuite(demo: GetDemo): void {
  describe('a product file', () => {
    let partner: Window;
    before(async () => {
      partner = await windowOf(demo(), 'partner', 'manager@murooj.example.com', { locale: 'en' });
    });

    it('is checked before anything is written, imported, and what is wrong with it can be downloaded', async () => {
      const { page } = partner;
      await upload(page, 'own.csv', Buffer.from(OWN));
      assert.deepEqual(await figures(page), [2, 0, 0, 2]);
      assert.match(await page.innerText('main'), /twelve/);
      const [{ count }] = (await demo().portals.sql<{ count: string }>(
        "select count(*) from offer where title_en like 'Demo %'",
      )) as [{ count: string }];
      assert.equal(count, '0');
      await run(page);
      assert.deepEqual(await figures(page), [2, 0, 0, 2]);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click('main a[href$="/problems.csv"]'),
      ]);
      const lines = readFileSync(await download.path(), 'utf8')
        .trim()
        .split(/\r?\n/);
      assert.equal(lines.length, 3);
      assert.match(lines.join('\n'), /twelve/);
    });

    it('becomes drafts with prices', async () => {
      const { page } = partner;
      await press(page, 'main a[href="/offers?state=draft"]');
      await page.fill('#list-q', 'Demo tea');
      await page.waitForURL(/q=Demo/);
      const row = page.locator('#list tbody tr', { hasText: 'Demo tea' });
      assert.match(await row.innerText(), /12\.50/);
    });

    for (const name of ['shopify-apparel.csv', 'shopify-home-and-garden.csv']) {
      it(`of a real shop, ${name}, comes in whole`, async function () {
        const path = join(shared, name);
        if (!existsSync(path)) skipBecause(this, `${name} is not beside this checkout`);
        const { page } = partner;
        await upload(page, name, readFileSync(path));
        const planned = await figures(page);
        assert.ok(planned[0]! >= 5, `${planned}`);
        await run(page);
        assert.deepEqual(await figures(page), planned);
      });
    }

    after(() => closeQuietly(partner));
  });
}
