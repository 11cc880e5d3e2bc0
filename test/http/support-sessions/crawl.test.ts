import assert from 'node:assert/strict';
import { LOCALES } from '../../../server/i18n/i18n.ts';
import { isSeenInSupport } from '../../../server/support/sessions/support-paths.ts';
import { decode, formsOf, linksOf } from '../../support/crawler/html.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { openSession } from '../../support/support-sessions.ts';

const END = '/support-session/end';
/** More than there are, filters and orders of lists included. */
const MOST_PAGES = 600;
/** What sends, or opens what sends, whatever element it stands on. */
const SENDS =
  /<[^>]*\s(hx-(?:post|put|patch|delete)|formaction|formmethod|data-confirm|data-dialog(?!-close)|data-download|contenteditable)[=\s>][^>]*>/g;
const FORM = /<form[\s>][\s\S]*?<\/form>/g;
/** Opens and closes things, or belongs to the search above a list. */
const LOOKS = /type="button"| form="list-toolbar"/;
const CONTROL = /<(?:input|textarea|select|button)[\s>][^>]*>/g;

/** What stands in a page that could send anything, or leads where support may not look. */
function findingsIn(html: string, path: string): string[] {
  const forms = formsOf(html, path).flatMap(({ method, action }) => {
    if (method === 'POST') return action === END ? [] : [`form ${action}`];
    return isSeenInSupport(action) ? [] : [`search ${action}`];
  });
  const links = linksOf(html).filter((address) => !address.startsWith('/assets/'));
  const closed = links.filter((address) => !isSeenInSupport(address)).map((address) => `link ${address}`);
  const sends = [...html.matchAll(SENDS)].map(([tag]) => tag);
  const loose = [...html.replace(FORM, '').matchAll(CONTROL)].flatMap(([tag]) =>
    LOOKS.test(tag) ? [] : [tag],
  );
  return [...forms, ...closed, ...sends, ...loose].map((what) => `${path}: ${what}`);
}

/** Follows every link of every page, from the first on. @returns what was found, and the pages there were. */
async function crawl(browser: Browser) {
  const found: string[] = [];
  const pages = new Set<string>();
  const waiting = ['/'];
  const known = new Set(waiting);
  for (let path = waiting.shift(); path !== undefined && known.size < MOST_PAGES; path = waiting.shift()) {
    const { status, text, type } = await browser.get(path);
    // The fixture's pictures are rows without files.
    if (path.startsWith('/images/')) continue;
    if (status !== 200) found.push(`${path}: answered ${status}`);
    if (status !== 200 || type !== 'text/html') continue;
    pages.add(path);
    found.push(...findingsIn(text, path));
    for (const link of linksOf(text).map(decode)) {
      if (!isSeenInSupport(link) || known.has(link)) continue;
      known.add(link);
      waiting.push(link);
    }
  }
  return { found: [...new Set(found)], pages };
}

describe('all pages that a support session comes to by links', function () {
  this.timeout(240_000);
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals?.close());

  for (const locale of LOCALES) {
    it(`hold nothing that sends but its end, and no way to what is closed to it (${locale})`, async () => {
      const { agent } = await openSession(portals);
      agent.cookies.set('bulkhead-locale', locale);
      const { found, pages } = await crawl(agent);
      assert.deepEqual(found, []);
      const rooms = new Set([...pages].map((path) => path.split(/[/?]/)[1]));
      for (const room of ['', 'offers', 'branches', 'devices', 'team', 'imports', 'messages', 'claims'])
        assert.ok(rooms.has(room), `never came to /${room}`);
      for (const room of ['analytics', 'usage', 'audit', 'access-log', 'market', 'docs'])
        assert.ok(rooms.has(room), `never came to /${room}`);
      process.stdout.write(`        ${pages.size} pages\n`);
    });
  }

  it('would be found: an owner’s pages are full of them', async () => {
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    const page = await owner.get('/market');
    const found = findingsIn(page.text, '/market').join('\n');
    for (const each of ['form /market', 'link /profile', 'form /sign-out'])
      assert.ok(found.includes(each), each);
  });
});
