import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { type DemoShop, startDemoShop } from '../../scripts/demo-shop/demo-shop.ts';
import type { Locale } from '../../server/http/format.ts';
import { keyText } from '../../server/public/publishable-key.ts';
import type { Demo } from './browser-demo.ts';
import type { Window } from './browser-session.ts';
import { watch } from './browser-watch.ts';
import { mailTo } from './mail.ts';
import { freePorts } from './started.ts';

/** A shop's own page on an origin of its own, with the demo market's widget in it. */
export interface Shop {
  readonly url: string;
  readonly key: string;
  readonly keyId: string;
  readonly close: DemoShop['close'];
}

// The intake would count what calls itself headless as a machine.
const PERSON =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36';

const KEY_ID = '019b76da-0000-7000-8000-0000000000d1';

/** With a key of its own, so that a test may revoke it. */
export async function openShop({ portals }: Demo): Promise<Shop> {
  await portals.sql(
    `insert into publishable_key (market_id, id, name, created_by)
     select member.market_id, $1, 'Shop of a test', member.id from team_member as member
     join market on market.id = member.market_id where market.slug = 'murooj' limit 1
     on conflict do nothing`,
    [KEY_ID],
  );
  const [, , port] = await freePorts();
  const key = keyText(KEY_ID);
  const { close } = await startDemoShop({ host: '127.0.0.1', port, bulkhead: portals.partner, key });
  return { url: `http://localhost:${port}`, key, keyId: KEY_ID, close };
}

export interface ShopWindowOptions {
  readonly locale?: Locale;
  readonly theme?: 'light' | 'dark';
  readonly width?: 390 | 1280;
}

/** A browser window on the shop, once the widget shows something. Requests may go to the shop and to the partner process. */
export async function shopWindow(
  { browser, portals }: Demo,
  shop: Shop,
  { locale = 'en', theme = 'light', width = 1280 }: ShopWindowOptions = {},
): Promise<Window> {
  const context = await browser.newContext({
    baseURL: shop.url,
    viewport: { width, height: 900 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    userAgent: PERSON,
  });
  context.setDefaultTimeout(20_000);
  const watched = await watch(context, [shop.url, portals.partner]);
  const page = await context.newPage();
  await page.goto(locale === 'ar' ? '/ar' : '/');
  await page.locator('.card, .notice').first().waitFor();
  return { context, page, watch: watched };
}

/** Signs in through the widget's own screens. @returns the address */
export async function signInAtShop(page: Page, mailboxDir: string): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  await page.locator('.tab').last().click();
  await page.fill('#email', email);
  await page.locator('.form .primary').click();
  await page.locator('#code').waitFor();
  const { text } = await mailTo(mailboxDir, email);
  await page.fill('#code', /\b\d{6}\b/.exec(text)![0]);
  await page.locator('.form .primary').click();
  await page.locator('.card').first().waitFor();
  return email;
}
