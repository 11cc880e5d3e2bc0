import type { Request } from 'express';
import type { Device } from './session.ts';

/** Shown in the person's own list of sessions; never trusted for anything. */
export function deviceOf(req: Request): Device {
  const userAgent = (req.get('user-agent') ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 200);
  return { userAgent, address: req.ip ?? '' };
}

interface DeviceName {
  readonly browser: string;
  readonly system: string;
}

// The first that fits: every browser also calls itself by the names of those it wants to be taken for.
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Headless)?Chrom(?:e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** "Chrome", "Windows" of a browser's own long description; null when it is none that we know. */
export function deviceName(userAgent: string): DeviceName | null {
  const find = (list: typeof BROWSERS) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
  return browser && system ? { browser, system } : null;
}
