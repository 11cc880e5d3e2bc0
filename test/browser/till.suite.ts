import assert from 'node:assert/strict';
import { closeQuietly, type GetDemo, windowOf } from '../support/browser-demo.ts';
import { press } from '../support/browser-session.ts';
import {
  claims,
  next,
  OWNER,
  openTill,
  pair,
  pairingLink,
  queueOf,
  redeem,
  redemptions,
  result,
  stored,
} from '../support/browser-till.ts';

const MINUTE = 60_000;

/** The device believes that it is seven hours ago. */
const CLOCK_OFF = `{
  const Right = Date;
  const now = () => Right.now() - 7 * 3_600_000;
  globalThis.Date = class extends Right {
    constructor(...given) {
      super(...(given.length > 0 ? given : [now()]));
    }
    static now() {
      return now();
    }
  };
}`;

/** What a till does between its server and its customers. */
export function tillSuite(demo: GetDemo): void {
  describe('a till', () => {
    it('is paired through the portal’s page, redeems, and knows a code that was claimed a moment ago', async () => {
      const till = await openTill(demo(), 'Front');
      const { page } = till;
      const [made] = await claims(demo(), 1);
      const first = await redeem(page, `${made!.code.slice(0, 4)}-${made!.code.slice(4).toLowerCase()}`);
      assert.deepEqual(first, { state: 'ok', heading: 'Redeemed' });
      assert.equal(await page.locator('.till-what').innerText(), 'A coupon');
      await next(page);
      assert.deepEqual(await redeem(page, made!.code), { state: 'error', heading: 'Already redeemed' });
      await next(page);
      assert.deepEqual(await redeem(page, 'ZZZZZZZZ'), { state: 'error', heading: 'No such code' });
      await next(page);
      await page.fill('#code', 'ABC');
      await page.locator('.till-type button').click();
      assert.equal(await page.locator('#code').getAttribute('aria-invalid'), 'true');
      assert.deepEqual(await redemptions(demo(), [made!.code]), [
        { code: made!.code, state: 'applied', device: 'Front' },
      ]);
      assert.deepEqual(await queueOf(page), ['applied']);
      // What the window brought along; the till reads none and gets none.
      assert.deepEqual(
        (await till.context.cookies()).map(({ name }) => name),
        ['bulkhead-locale'],
      );
      await closeQuietly(till);
    });

    it('takes what a scanner types, from one result to the next', async () => {
      const till = await openTill(demo(), 'Scanner');
      const { page } = till;
      const [one, two] = await claims(demo(), 2);
      await redeem(page, one!.code);
      await page.locator('.till-result').evaluate((element) => element.setAttribute('data-old', ''));
      await page.keyboard.type(`${two!.code}\n`);
      await page.locator('.till-result:not([data-old])').waitFor();
      assert.equal((await result(page)).state, 'ok');
      assert.equal((await redemptions(demo(), [one!.code, two!.code])).length, 2);
      await closeQuietly(till);
    });

    it('gets itself a new token when the old one runs out, and nobody notices', async () => {
      const till = await openTill(demo(), 'Long day');
      const made = await claims(demo(), 2);
      till.watch.expectStatus(401);
      await redeem(till.page, made[0]!.code);
      await next(till.page);
      demo().portals.setAhead(20 * MINUTE);
      try {
        assert.deepEqual(await redeem(till.page, made[1]!.code), { state: 'ok', heading: 'Redeemed' });
        assert.match(await till.page.locator('.till-result').innerText(), /Confirmed by the server/);
      } finally {
        demo().portals.setAhead(0);
      }
      assert.equal(
        (
          await redemptions(
            demo(),
            made.map(({ code }) => code),
          )
        ).length,
        2,
      );
      await closeQuietly(till);
    });

    it('works with a clock that is hours off, and the server hears of it', async () => {
      const link = await pairingLink(demo(), 'Wrong clock');
      const till = await windowOf(demo(), 'partner', null, { locale: 'en' });
      till.watch.expectStatus(401);
      await till.context.addInitScript(CLOCK_OFF);
      await pair(till.page, link);
      const [made] = await claims(demo(), 1);
      assert.deepEqual(await redeem(till.page, made!.code), { state: 'ok', heading: 'Redeemed' });
      const [device] = await demo().portals.sql<{ skew: string; redeemed: Date }>(
        `select clock_skew_ms as skew, claim.redeemed_at as redeemed from device, claim
         where device.name = 'Wrong clock' and claim.code = $1`,
        [made!.code],
      );
      assert.ok(Math.abs(Number(device!.skew) + 7 * 60 * MINUTE) < MINUTE, device!.skew);
      assert.ok(Math.abs(device!.redeemed.getTime() - Date.now()) < MINUTE, 'the skew is taken out');
      await closeQuietly(till);
    });

    it('tells a second till that it was late, and keeps both redemptions', async () => {
      const [one, two] = [await openTill(demo(), 'First'), await openTill(demo(), 'Second')];
      const [made] = await claims(demo(), 1);
      for (const { page } of [one, two]) {
        await page.locator('[data-tool=queue]').click();
        await page.locator('.till-actions button').first().click();
        while (!(await stored(page, 'claims')).some(({ value }) => value.includes(made!.code)))
          await page.waitForTimeout(100);
        await page.locator('.till-screen .till-primary').click();
      }
      for (const { page, context } of [one, two]) {
        await context.setOffline(true);
        assert.deepEqual(await redeem(page, made!.code), { state: 'ok', heading: 'Redeemed' });
        await next(page);
        assert.match(await page.locator('#told').innerText(), /No connection/);
      }
      for (const { page, context } of [one, two]) {
        await context.setOffline(false);
        await page.waitForFunction(
          () => !document.querySelector('#told')?.textContent?.includes('No connection'),
        );
      }
      assert.deepEqual(await queueOf(one.page), ['applied']);
      assert.deepEqual(await queueOf(two.page), ['conflict']);
      assert.match(await two.page.locator('#told').innerText(), /manager decides/);
      assert.deepEqual(await redemptions(demo(), [made!.code]), [
        { code: made!.code, state: 'applied', device: 'First' },
        { code: made!.code, state: 'conflict', device: 'Second' },
      ]);
      await closeQuietly(one, two);
    });

    it('redeems a code once, in however many tabs it is typed at the same time', async () => {
      const till = await openTill(demo(), 'Tabs');
      const [made] = await claims(demo(), 1);
      const second = await till.context.newPage();
      await second.goto('/till');
      await second.fill('#pin', '2580');
      await second.locator('.till-form button').click();
      await second.locator('#code').waitFor();
      const said = await Promise.all([redeem(till.page, made!.code), redeem(second, made!.code)]);
      assert.deepEqual(said.map(({ heading }) => heading).sort(), ['Already redeemed', 'Redeemed']);
      assert.equal((await redemptions(demo(), [made!.code])).length, 1);
      await closeQuietly(till);
    });

    it('that was revoked while it was offline is told, seals what it did not send, forgets the rest, and may come back', async () => {
      const till = await openTill(demo(), 'Lost');
      const { page, context } = till;
      till.watch.expectStatus(401, 403);
      const made = await claims(demo(), 2);
      await page.reload();
      await page.fill('#pin', '2580');
      await page.locator('.till-form button').click();
      await page.locator('#code').waitFor();
      await page.waitForFunction(() => !document.querySelector('#told')?.textContent?.includes('Fetching'));
      await page.waitForTimeout(1_000);
      await context.setOffline(true);
      for (const { code } of made) {
        assert.equal((await redeem(page, code)).state, 'ok');
        await next(page);
      }
      const owner = await windowOf(demo(), 'partner', OWNER, { locale: 'en' });
      await owner.page.goto('/devices');
      await press(owner.page, '#list a.row-link:has-text("Lost")');
      await owner.page.locator('[data-dialog]').first().click();
      await press(owner.page, 'dialog[open] form button[type=submit], dialog[open] .button-danger');
      await context.setOffline(false);
      await page.locator('#sealed').waitFor();
      assert.match(await page.locator('h1').innerText(), /This till was revoked/);
      assert.match(await page.locator('#sealed').innerText(), /2\S* redemptions were never sent/);
      const meta = await stored(page, 'meta');
      assert.deepEqual(
        meta.map(({ key }) => key),
        ['sealed'],
      );
      for (const { code } of made) assert.doesNotMatch(JSON.stringify(meta), new RegExp(code));
      for (const store of ['offers', 'claims', 'queue'])
        assert.deepEqual(await stored(page, store), [], store);
      assert.deepEqual(
        await redemptions(
          demo(),
          made.map(({ code }) => code),
        ),
        [],
      );

      await pair(page, await pairingLink(demo(), 'Found'));
      await page.waitForFunction(() => document.querySelectorAll('.till-totals dd')[2]?.textContent === '0');
      assert.deepEqual(
        (
          await redemptions(
            demo(),
            made.map(({ code }) => code),
          )
        ).map(({ state, device }) => [state, device]),
        [
          ['applied', 'Found'],
          ['applied', 'Found'],
        ],
      );
      await closeQuietly(till, owner);
    });
  });
}
