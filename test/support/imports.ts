import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'mocha';
import type { Response } from 'supertest';
import { root } from '../../server/paths.ts';
import type { Browser } from './browser.ts';
import { skipBecause } from './setup.ts';

/** Real exports in Shopify's format; they are no part of the project and lie beside its checkout. */
const REAL = join(root, '../shared/data');
export const APPAREL = 'shopify-apparel.csv';
export const HOME = 'shopify-home-and-garden.csv';

/** The bytes of a real file; the running test is skipped, saying so, where they are absent. */
export function realFile(context: Context, name: string): Buffer {
  const path = join(REAL, name);
  if (!existsSync(path)) skipBecause(context, `../shared/data/${name} is not there`);
  return readFileSync(path);
}

/** Sends a file through the upload form. */
export async function upload(
  browser: Browser,
  file: Buffer | string,
  name = 'products.csv',
): Promise<Response> {
  await browser.get('/imports/new');
  const sent = browser.raw('post', `/imports?_csrf=${encodeURIComponent(browser.csrf)}`);
  return sent
    .set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' })
    .attach('file', Buffer.isBuffer(file) ? file : Buffer.from(file), name)
    .ok(() => true);
}

/** Uploads a file that must be taken. @returns the import's id. */
export async function uploaded(browser: Browser, file: Buffer | string, name?: string): Promise<string> {
  const answer = await upload(browser, file, name);
  const id = /^\/imports\/([0-9a-f-]{36})$/.exec(answer.get('Location') ?? '')?.[1];
  if (answer.status !== 303 || !id) throw new Error(`Not uploaded: ${answer.status} ${errorsOf(answer)}`);
  return id;
}

/** The form as its page shows it, with some fields changed. */
export async function check(
  browser: Browser,
  id: string,
  changes: Record<string, string> = {},
): Promise<Response> {
  const page = await browser.get(`/imports/${id}/mapping`);
  return browser.submit(`/imports/${id}/mapping`, { ...selected(page.text), ...changes });
}

/** What each select of a page stands on. */
export function selected(html: string): Record<string, string> {
  const selects = [...html.matchAll(/<select[^>]* name="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g)];
  return Object.fromEntries(
    selects.map(([, name, options = '']) => [
      name,
      /<option value="([^"]*)" selected/.exec(options)?.[1] ?? '',
    ]),
  );
}

/** Waits until an import stands in one of these states. */
export async function reach(
  sql: <Row>(text: string, values?: unknown[]) => Promise<Row[]>,
  id: string,
  ...states: string[]
): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const [row] = await sql<{ state: string }>('select state from import_job where id = $1', [id]);
    if (states.includes(row?.state ?? '')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`import ${id} did not become ${states.join(' or ')}`);
}

/** The messages of a page's error summary. */
export function errorsOf(answer: Response): string {
  const summary = /id="error-summary"[\s\S]*?<ul>([\s\S]*?)<\/ul>/.exec(answer.text ?? '')?.[1] ?? '';
  return summary
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
