import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { PortalName } from '../../server/config.ts';
import type { DemoPortals } from './browser-portals.ts';
import { openWindow, signInTo, type Window, type WindowOptions } from './browser-session.ts';

/** What the suites of one run share: one browser, and both portals with the demo data. */
export interface Demo {
  readonly browser: Browser;
  readonly portals: DemoPortals;
}

export type GetDemo = () => Demo;

/** A window on a portal with somebody signed in; `null` for nobody. */
export async function windowOf(
  { browser, portals }: Demo,
  portal: PortalName,
  email: string | null,
  options: WindowOptions = {},
): Promise<Window> {
  const opened = await openWindow(browser, portals[portal], options);
  if (email) await signInTo(opened.page, email);
  return opened;
}

/** Closes windows, and fails with whatever their consoles and requests told. */
export async function closeQuietly(...windows: (Window | undefined)[]): Promise<void> {
  const told = windows.flatMap((each) => each?.watch.problems ?? []);
  await Promise.all(windows.map((each) => each?.context.close()));
  assert.deepEqual(told, []);
}
