import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { DEMO_PASSWORD } from '../../prisma/seed.ts';
import type { Locale } from '../../server/http/format.ts';
import { type Watch, watch } from './browser-watch.ts';

export interface Window {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watch: Watch;
}

export interface WindowOptions {
  readonly locale?: Locale;
  readonly theme?: 'light' | 'dark';
  readonly width?: 390 | 1280;
  readonly scripts?: boolean;
  readonly state?: BrowserContextOptions['storageState'];
}

/** A new browser window on one portal, with language and theme as its pages' own switches would set them. */
export async function openWindow(
  browser: Browser,
  url: string,
  options: WindowOptions = {},
): Promise<Window> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: options.width ?? 1280, height: 900 },
    javaScriptEnabled: options.scripts ?? true,
    reducedMotion: 'reduce',
    acceptDownloads: true,
    ...(options.state ? { storageState: options.state } : {}),
  });
  context.setDefaultTimeout(20_000);
  const cookie = (name: string, value: string | undefined) => (value ? [{ name, value, url }] : []);
  await context.addCookies([
    ...cookie('bulkhead-locale', options.locale),
    ...cookie('bulkhead-theme', options.theme),
  ]);
  const watched = await watch(context, [url]);
  return { context, page: await context.newPage(), watch: watched };
}

/** Through the form, as a person does; stops at the choice of a market when there is one. */
export async function signInTo(page: Page, email: string, password = DEMO_PASSWORD): Promise<void> {
  await page.goto('/sign-in');
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await press(page, 'form[action="/sign-in"] button');
}

/** Presses what leads to another page and waits for that one. */
export async function press(page: Page, selector: string): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.locator(selector).first().click()]);
}
