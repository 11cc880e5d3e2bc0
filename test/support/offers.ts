import sharp from 'sharp';
import type { Browser, TestPortals } from './http.ts';
import { amber, fixtureId, type MarketFixture } from './two-markets.ts';

export const category = fixtureId('category', 'shared');
/** What no market has. */
export const unknownId = '01900000-0000-7000-8000-0000000000ff';

/** The editor's form, filled in so that it can be submitted; amounts and times as people type them. */
export function offerFields(
  changes: Record<string, string | readonly string[]> = {},
  market: MarketFixture = amber,
) {
  return {
    titleEn: 'Coffee beans, 1 kg',
    titleAr: 'حبوب قهوة، كيلو',
    textEn: 'Roasted this week.\nGround on request.',
    textAr: 'محمصة هذا الأسبوع.',
    price: '45.50',
    oldPrice: '60',
    categoryId: category,
    branchIds: [market.branch],
    startsAt: '',
    endsAt: inDays(20),
    ...changes,
  };
}

/** A wall-clock time of Riyadh, which has no summer time, as `<input type="datetime-local">` sends it. */
export const inDays = (days: number): string =>
  new Date(Date.now() + (days * 24 + 3) * 3_600_000).toISOString().slice(0, 16);

/** Writes an offer through the form and returns its id. */
export async function writeOffer(
  browser: Browser,
  changes: Record<string, string | readonly string[]> = {},
): Promise<string> {
  await browser.get('/offers/new');
  const answer = await browser.submit('/offers', offerFields(changes));
  if (answer.status !== 303) throw new Error(`Not written: ${answer.status}\n${answer.text.slice(0, 2000)}`);
  return answer.get('Location')!.split('/').pop()!;
}

export const submitOffer = (
  browser: Browser,
  changes: Record<string, string | readonly string[]> = {},
): Promise<string> => writeOffer(browser, { next: 'submit', ...changes });

/** Approves or rejects what staff see right now. */
export async function decide(
  staff: Browser,
  id: string,
  decision: 'approved' | 'rejected',
  reason = '',
  marketId = amber.marketId,
) {
  const address = `/markets/${marketId}/offers/${id}`;
  const page = await staff.get(address);
  return staff.submit(`${address}/decision`, { decision, reason, digest: digestIn(page.text) });
}

export const digestIn = (html: string): string =>
  /name="digest" value="([0-9a-f]{64})"/.exec(html)?.[1] ?? '';
export const versionIn = (html: string): string => /name="version" value="([^"]*)"/.exec(html)?.[1] ?? '';

export async function stateOf(portals: TestPortals, id: string): Promise<string | undefined> {
  const [row] = await portals.sql<{ state: string }>('select state from offer where id = $1', [id]);
  return row?.state;
}

/** A small picture as a camera or a designer would hand it in. */
export const picture = (format: 'png' | 'jpeg' | 'webp' = 'png', width = 60): Promise<Buffer> =>
  sharp({ create: { width, height: 40, channels: 3, background: '#0a665b' } })
    .toFormat(format)
    .toBuffer();

/** Sends the editor's form with a file, as a browser does. */
export function upload(
  browser: Browser,
  path: string,
  fields: Record<string, string | readonly string[]>,
  file: Buffer,
  name = 'photo.png',
) {
  const sent = browser.raw('post', `${path}?_csrf=${encodeURIComponent(browser.csrf)}`);
  sent.set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' }).ok(() => true);
  for (const [key, value] of Object.entries(fields)) {
    if (Array.isArray(value)) for (const each of value) sent.field(`${key}[]`, each);
    else sent.field(key, value as string);
  }
  return sent.attach('image', file, name);
}
