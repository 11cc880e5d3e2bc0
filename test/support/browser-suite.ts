import type { Browser } from 'playwright-core';
import { openChromium } from './browser-chromium.ts';
import type { GetDemo } from './browser-demo.ts';
import { type DemoPortals, startDemoPortals } from './browser-portals.ts';
import { skipBecause } from './setup.ts';

/**
 * Suites that share a browser and a database with the demo data, one after the other: starting and filling these takes
 * longer than most of what follows.
 */
export function inBrowser(title: string, suites: readonly ((demo: GetDemo) => void)[]): void {
  describe(title, function () {
    this.timeout(120_000);
    let browser: Browser | undefined;
    let portals: DemoPortals | undefined;
    const demo = () => ({ browser: browser!, portals: portals! });

    before(async function () {
      const opened = await openChromium();
      if (typeof opened === 'string') return skipBecause(this, opened);
      browser = opened;
      portals = await startDemoPortals();
    });
    after(async () => {
      await browser?.close();
      await portals?.close();
    });

    for (const suite of suites) suite(demo);
  });
}
