import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

// Nothing of the browser's own may go out while pages are watched for requests that leave them.
export const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * CHROMIUM_PATH, else the system's Chromium, else the one of the package.
 * @returns the reason in place of a browser when none starts. A CHROMIUM_PATH that doesn't start is an error.
 */
export async function openChromium(more: string[] = []): Promise<Browser | string> {
  const given = process.env.CHROMIUM_PATH;
  if (given) return launch(given, more);
  const reasons: string[] = [];
  for (const find of [() => INSTALLED.find((path) => existsSync(path)), packaged]) {
    try {
      const path = await find();
      if (path) return await launch(path, more);
    } catch (error) {
      reasons.push(String((error as Error).message).split('\n')[0]!);
    }
  }
  return `no Chromium starts here; set CHROMIUM_PATH to one${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`;
}

/** The program itself, for who starts it in another way. */
export const chromiumPath = async (): Promise<string> =>
  process.env.CHROMIUM_PATH ?? INSTALLED.find((path) => existsSync(path)) ?? packaged();

const launch = (executablePath: string, more: string[]): Promise<Browser> =>
  chromium.launch({ executablePath, args: [...ARGUMENTS, ...more] });

/** The package unpacks the libraries that it needs only where it believes to be on AWS. */
async function packaged(): Promise<string> {
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs22.x';
  const { default: bundled } = await import('@sparticuz/chromium');
  return bundled.executablePath();
}
