import type { Browser } from 'playwright-core';
import { openChromium } from '../support/browser-chromium.ts';
import { type DemoPortals, startDemoPortals } from '../support/browser-portals.ts';
import { skipBecause } from '../support/setup.ts';
import { checksSuite } from './checks.suite.ts';
import { claimsSuite } from './claims.suite.ts';
import { hostedSuite } from './hosted.suite.ts';
import { importsSuite } from './imports.suite.ts';
import { keyboardSuite } from './keyboard.suite.ts';
import { offersSuite } from './offers.suite.ts';
import { pagesSuite } from './pages.suite.ts';
import { peopleSuite } from './people.suite.ts';
import { widgetSuite } from './widget.suite.ts';
import { withoutScriptsSuite } from './without-scripts.suite.ts';

/** One file, because starting a browser and filling a database take longer than most of what follows. */
describe('in a real browser', function () {
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

  checksSuite(demo);
  offersSuite(demo);
  importsSuite(demo);
  peopleSuite(demo);
  withoutScriptsSuite(demo);
  widgetSuite(demo);
  hostedSuite(demo);
  claimsSuite(demo);
  keyboardSuite(demo);
  // Last: it looks at what the others left behind too.
  pagesSuite(demo);
});
