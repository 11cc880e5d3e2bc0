import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { BootError } from '../../server/boot-error.ts';
import { page, STYLE } from './page.ts';

export interface DemoShopOptions {
  readonly host: string;
  readonly port: number;
  /** Origin of the partner process, which serves the widget and what it asks for. */
  readonly bulkhead: string;
  /** The publishable key that the page embeds. */
  readonly key: string;
}

export interface DemoShop {
  close(): Promise<void>;
}

/**
 * A shop's own site on another origin, with the widget in it: to look at, and for tests. Its policy is as strict as one
 * can be: nothing but its own style sheet and the one origin that the widget needs; no inline style or script, and no
 * text ever becomes HTML. Part of `npm start` alone, never of a portal's process.
 * @throws BootError when it can't listen
 */
export async function startDemoShop({ host, port, ...embedded }: DemoShopOptions): Promise<DemoShop> {
  const policy = contentSecurityPolicy(embedded.bulkhead);
  const server = createServer((req, res) => answer(req, res, policy, embedded));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new BootError(`The demo shop can't listen on port ${port}: ${error.code}`)),
    );
    server.listen(port, host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const contentSecurityPolicy = (bulkhead: string): string =>
  [
    "default-src 'none'",
    `script-src ${bulkhead}`,
    `connect-src ${bulkhead}`,
    `img-src ${bulkhead}`,
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

function answer(
  req: IncomingMessage,
  res: ServerResponse,
  policy: string,
  embedded: Pick<DemoShopOptions, 'bulkhead' | 'key'>,
): void {
  const path = (req.url ?? '/').split('?')[0];
  const send = (status: number, type: string, body: string) => {
    const headers = { 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff' };
    res.writeHead(status, { ...headers, 'Content-Type': `${type}; charset=utf-8` }).end(body);
  };
  if (path === '/') send(200, 'text/html', page('en', embedded));
  else if (path === '/ar') send(200, 'text/html', page('ar', embedded));
  else if (path === '/shop.css') send(200, 'text/css', STYLE);
  // Browsers ask for one by themselves; nothing is a better answer than an error in the console.
  else if (path === '/favicon.ico') res.writeHead(204).end();
  else send(404, 'text/plain', 'Not found');
}
