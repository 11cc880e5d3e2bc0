import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { ARGUMENTS, chromiumPath } from './browser-chromium.ts';
import { type Demo, windowOf } from './browser-demo.ts';
import { openWindow, press, type Window, type WindowOptions } from './browser-session.ts';
import { insertClaims, type MadeClaim } from './sync.ts';

export const PIN = '2580';
const SLUG = 'murooj';
export const OWNER = 'owner@murooj.example.com';

/** An address that pairs a till, made on the portal's page as an owner would. */
export async function pairingLink(demo: Demo, name: string): Promise<string> {
  const owner = await windowOf(demo, 'partner', OWNER, { locale: 'en' });
  await owner.page.goto('/devices/new');
  await owner.page.fill('[name=name]', name);
  await owner.page.selectOption('[name=branchId]', { index: 1 });
  await press(owner.page, 'form[action="/devices"] .form-actions button');
  const link = await owner.page.locator('a[target=_blank][href*="/till#pair="]').getAttribute('href');
  await owner.context.close();
  return link!;
}

/** From the link to the first customer. */
export async function pair(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.locator('.till-form button').click();
  await page.fill('#pin', PIN);
  await page.fill('#again', PIN);
  await page.locator('.till-form button').click();
  await settled(page);
}

export async function unlock(page: Page): Promise<void> {
  await page.fill('#pin', PIN);
  await page.locator('.till-form button').click();
}

/** The till has data and a lease, and its shell is kept. */
export async function settled(page: Page): Promise<void> {
  await page.locator('#code').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  for (;;) {
    const meta = await stored(page, 'meta');
    if (meta.some(({ key }) => key === 'lease')) return;
    await page.waitForTimeout(100);
  }
}

/** A till in a window of its own, paired through the portal's page. */
export async function openTill(demo: Demo, name: string, options: WindowOptions = {}): Promise<Window> {
  const window = await openWindow(demo.browser, demo.portals.partner, { locale: 'en', ...options });
  // The first request asks for the nonce; and tests take the network away.
  window.watch.expectStatus(401);
  window.watch.expectNoNetwork();
  await pair(window.page, await pairingLink(demo, name));
  return window;
}

/** Types a code. @returns what the whole screen then says */
export async function redeem(page: Page, code: string): Promise<{ state: string; heading: string }> {
  await page.fill('#code', code);
  await page.locator('.till-type button').click();
  return result(page);
}

export async function result(page: Page): Promise<{ state: string; heading: string }> {
  await page.locator('.till-result').waitFor();
  const heading = await page.locator('h1').innerText();
  return { state: (await page.locator('body').getAttribute('data-state'))!, heading };
}

export async function next(page: Page): Promise<void> {
  await page.locator('.till-result .till-primary').click();
  await page.locator('#code').waitFor();
}

/** The statuses of all redemptions that the till keeps, newest first, as its page shows them. */
export async function queueOf(page: Page): Promise<string[]> {
  await page.locator('[data-tool=queue]').click();
  // Nobody asks for an empty one: the screen is there before what it reads from the disk.
  await page.locator('.till-queue li').first().waitFor();
  const rows = await page
    .locator('.till-queue li')
    .evaluateAll((all) => all.map((row) => row.dataset.status!));
  await page.locator('.till-screen .till-primary').click();
  return rows;
}

/** All records of one of the till's stores, as they lie on the device. */
export const stored = (page: Page, store: string): Promise<{ key: string; value: string }[]> =>
  page.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('bulkhead-till');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const found: { key: string; value: string }[] = [];
          const reading = opening.result.transaction(name).objectStore(name).openCursor();
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () => {
            const at = reading.result;
            if (at) {
              found.push({ key: String(at.key), value: JSON.stringify(at.value) });
              at.continue();
              return;
            }
            opening.result.close();
            resolve(found);
          };
        };
      }),
    store,
  );

/** Open claims of an offer that holds at every branch of the demo market. */
export async function claims({ portals }: Demo, number: number): Promise<MadeClaim[]> {
  const [offer] = await portals.sql<{ market_id: string; id: string }>(
    `select offer.market_id, offer.id from offer join market on market.id = offer.market_id
     where market.slug = $1 and offer.state = 'live' order by offer.id limit 1`,
    [SLUG],
  );
  assert.ok(offer);
  const market = { marketId: offer.market_id, liveOffer: offer.id } as Parameters<typeof insertClaims>[1];
  // A till is of one branch, and the offer has to hold there.
  await portals.sql('delete from offer_branch where market_id = $1 and offer_id = $2', [
    offer.market_id,
    offer.id,
  ]);
  return portals.direct((client) => insertClaims(client, market, number));
}

export interface Redeemed {
  readonly code: string;
  readonly state: string;
  readonly device: string;
}

/** What the database has of these codes. */
export const redemptions = ({ portals }: Demo, codes: readonly string[]): Promise<Redeemed[]> =>
  portals.sql<Redeemed>(
    `select redemption.code, redemption.state, device.name as device from redemption
     join device on device.market_id = redemption.market_id and device.id = redemption.device_id
     where redemption.code = any ($1) order by redemption.received_at`,
    [codes],
  );

/** A browser with a profile on the disk, which can be killed as a device without power is. */
export interface Killable {
  /** Starts it on its profile. */
  start(): Promise<{ context: BrowserContext; page: Page }>;
  kill(): Promise<void>;
  remove(): void;
}

export function killable(): Killable {
  const profile = mkdtempSync(join(tmpdir(), 'bulkhead-till-'));
  let running: ChildProcess | undefined;
  return {
    start: async () => {
      const program = await chromiumPath();
      running = spawn(
        program,
        [
          ...ARGUMENTS,
          '--headless=new',
          '--remote-debugging-port=0',
          `--user-data-dir=${profile}`,
          'about:blank',
        ],
        { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      const browser = await chromium.connectOverCDP(await debuggerAddress(running));
      const context = browser.contexts()[0]!;
      context.setDefaultTimeout(20_000);
      return { context, page: context.pages()[0] ?? (await context.newPage()) };
    },
    kill: async () => {
      if (running?.exitCode !== null || running.signalCode !== null) return;
      const ended = new Promise((resolve) => running?.once('exit', resolve));
      // The whole group: a browser is many processes.
      process.kill(-running.pid!, 'SIGKILL');
      await ended;
    },
    remove: () => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

function debuggerAddress({ stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    stderr!.on('data', (chunk: Buffer) => {
      said += chunk;
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found) resolve(found[1]!);
    });
    stderr!.once('close', () => reject(new Error(`No browser: ${said.slice(0, 500)}`)));
  });
}
