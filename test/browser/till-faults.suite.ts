import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { encodeQR } from 'qr';
import sharp from 'sharp';
import { openChromium } from '../support/browser-chromium.ts';
import { closeQuietly, type GetDemo } from '../support/browser-demo.ts';
import {
  claims,
  killable,
  next,
  openTill,
  pair,
  pairingLink,
  queueOf,
  redeem,
  redemptions,
  result,
  settled,
  unlock,
} from '../support/browser-till.ts';

const CUSTOMERS = 50;

/** What becomes of redemptions when the network and the device go away. */
export function tillFaultsSuite(demo: GetDemo): void {
  describe('a till without a network', () => {
    it('starts cold, redeems fifty claims, is killed twice on the way, and has sent each of them once', async function () {
      this.timeout(240_000);
      const device = killable();
      const link = await pairingLink(demo(), 'Killed');
      const made = await claims(demo(), CUSTOMERS);
      const codes = made.map(({ code }) => code);
      let back = async () => {};
      try {
        let { page } = await device.start();
        await pair(page, link);
        await page.waitForTimeout(500);
        back = await demo().portals.cut();
        await device.kill();

        ({ page } = await device.start());
        await page.goto(`${demo().portals.partner}/till`);
        await unlock(page);
        await page.locator('#code').waitFor();
        assert.match(await page.locator('#told').innerText(), /No connection/);
        for (const code of codes.slice(0, 25)) {
          assert.deepEqual(await redeem(page, code), { state: 'ok', heading: 'Redeemed' });
          await next(page);
        }
        // Right after the press, wherever the write has got to.
        await page.fill('#code', codes[25]!);
        await page.locator('.till-type button').click();
        await device.kill();

        ({ page } = await device.start());
        await page.goto(`${demo().portals.partner}/till`);
        await unlock(page);
        await page.locator('#code, .till-result').first().waitFor();
        const wasWritten = await page.locator('.till-result').isVisible();
        if (wasWritten) {
          assert.match(await page.locator('.till-result').innerText(), /before this till was closed/);
          await next(page);
        }
        for (const code of codes.slice(wasWritten ? 26 : 25)) {
          assert.equal((await redeem(page, code)).state, 'ok');
          await next(page);
        }
        // Whoever shows a code again is told so, by the till alone.
        assert.equal((await redeem(page, codes[25]!)).heading, 'Already redeemed');
        await next(page);
        assert.deepEqual(await queueOf(page), Array(CUSTOMERS).fill('pending'));
        assert.deepEqual(await redemptions(demo(), codes), []);
        await back();
        back = async () => {};
        await page.evaluate(() => window.dispatchEvent(new Event('online')));
        await page.waitForFunction(
          () => document.querySelectorAll('.till-totals dd')[2]?.textContent === '0',
        );
        assert.deepEqual(await queueOf(page), Array(CUSTOMERS).fill('applied'));
        const sent = await redemptions(demo(), codes);
        assert.deepEqual(sent.map(({ code }) => code).sort(), [...codes].sort());
        assert.ok(sent.every(({ state }) => state === 'applied'));
        await device.kill();
      } finally {
        await back();
        await device.kill().catch(() => {});
        device.remove();
      }
    });

    it('sends once what the server took without being able to say so', async () => {
      const till = await openTill(demo(), 'Lost answers');
      const { page } = till;
      const made = await claims(demo(), 3);
      let lost = 0;
      await page.route('**/sync/v1/push', async (route) => {
        const { operations } = JSON.parse(route.request().postData()!);
        if (operations.length === 0 || lost >= made.length) return route.continue();
        lost++;
        await route.fetch();
        await route.abort('connectionreset');
      });
      for (const { code } of made) {
        assert.equal((await redeem(page, code)).state, 'ok');
        await next(page);
      }
      assert.equal(lost, made.length);
      await page.evaluate(() => window.dispatchEvent(new Event('online')));
      await page.waitForFunction(() => document.querySelectorAll('.till-totals dd')[2]?.textContent === '0');
      assert.deepEqual(await queueOf(page), ['applied', 'applied', 'applied']);
      assert.equal(
        (
          await redemptions(
            demo(),
            made.map(({ code }) => code),
          )
        ).length,
        made.length,
      );
      await till.context.close();
    });

    it('accepts a code that it does not know under its lease, if somebody says so, and hears what became of it', async () => {
      const till = await openTill(demo(), 'Unknown');
      const { page, context } = till;
      await context.setOffline(true);
      const [made] = await claims(demo(), 1);
      const codes = [made!.code, 'ZZZZZZZ0'];
      for (const code of codes) {
        assert.deepEqual(await redeem(page, code), {
          state: 'warn',
          heading: 'This till doesn’t know this code'.replace('’', "'"),
        });
        await page.locator('.till-actions .till-button').last().click();
        await page.waitForFunction(
          () => document.querySelector('h1')?.textContent === 'Accepted, to be confirmed',
        );
        await next(page);
      }
      await context.setOffline(false);
      await page.waitForFunction(() => document.querySelectorAll('.till-totals dd')[2]?.textContent === '0');
      assert.deepEqual(await queueOf(page), ['conflict', 'applied']);
      assert.deepEqual((await redemptions(demo(), codes)).map(({ state }) => state).sort(), [
        'applied',
        'conflict',
      ]);
      await closeQuietly(till);
    });
  });

  describe('a till’s camera', () => {
    it('reads a claim’s QR code', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bulkhead-camera-'));
      const [made] = await claims(demo(), 1);
      const film = join(folder, 'film.mjpeg');
      writeFileSync(film, await filmOf(`${demo().portals.partner}/redemptions?code=${made!.code}`));
      const camera = await openChromium([
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${film}`,
      ]);
      try {
        const till = await openTill({ ...demo(), browser: camera as Browser }, 'Camera');
        await settled(till.page);
        await till.page.locator('.till-scan').click();
        assert.deepEqual(await result(till.page), { state: 'ok', heading: 'Redeemed' });
        assert.equal((await redemptions(demo(), [made!.code])).length, 1);
        await closeQuietly(till);
      } finally {
        await (camera as Browser).close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}

/** A film that shows one QR code all the time: JPEG pictures, one behind the other. */
async function filmOf(text: string): Promise<Buffer> {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const pixels = Buffer.from(rows.flatMap((row) => row.map((isDark) => (isDark ? 0 : 255))));
  const code = await sharp(pixels, { raw: { width: rows.length, height: rows.length, channels: 1 } })
    .resize(400, 400, { kernel: 'nearest' })
    .png()
    .toBuffer();
  const picture = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#fff' } })
    .composite([{ input: code }])
    .jpeg({ quality: 95 })
    .toBuffer();
  return Buffer.concat(Array(30).fill(picture));
}
