import type { BrowserContext, Page, Request } from 'playwright-core';

/** What went wrong in a browser context: on any of its pages, whoever looks. */
export interface Watch {
  /** One line each: what and where. */
  readonly problems: string[];
  /** Console lines about these statuses are part of what a test does. */
  expectStatus(...statuses: number[]): void;
  /** The same about requests that find no network. */
  expectNoNetwork(): void;
}

const LOCAL = new Set(['blob:', 'data:', 'about:']);

/** Records console errors, script errors, violations of the content security policy and requests to other origins. */
export async function watch(context: BrowserContext, origins: readonly string[]): Promise<Watch> {
  const problems: string[] = [];
  const expected = new Set<number>();
  let isOffline = false;
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, lineNumber }) => {
      console.error(`CSP violation: ${effectiveDirective} ${blockedURI} line ${lineNumber}`);
    });
  });
  const watchPage = (page: Page) => {
    page.on('console', (line) => {
      if (isOffline && line.text().includes('net::ERR_INTERNET_DISCONNECTED')) return;
      const status = /the server responded with a status of (\d{3})/.exec(line.text());
      if (status && expected.has(Number(status[1]))) return;
      if (['error', 'warning'].includes(line.type())) problems.push(`${page.url()} console: ${line.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`${page.url()} script: ${error.message}`));
  };
  context.on('page', watchPage);
  context.on('request', (request: Request) => {
    const { origin, protocol } = new URL(request.url());
    if (!origins.includes(origin) && !LOCAL.has(protocol)) problems.push(`request to ${request.url()}`);
  });
  return {
    problems,
    expectStatus: (...statuses) => {
      for (const status of statuses) expected.add(status);
    },
    expectNoNetwork: () => {
      isOffline = true;
    },
  };
}
