import type { Page } from 'playwright-core';

/** A page to look at, and what to do on it first, such as sending its form empty. */
export interface PageCase {
  readonly name: string;
  readonly path: string;
  readonly act?: (page: Page) => Promise<void>;
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const NO_PAGE = /\.(csv|json)$|\/file$|^\/(api|assets|images)\b|\/images\//;

interface Found {
  readonly path: string;
  readonly key: string;
}

/** Every page that links lead to from the start page: one of each kind, and of a list with tabs one item a tab. */
export async function discoverPages(page: Page): Promise<PageCase[]> {
  const known = new Map<string, Found>();
  const queue: Found[] = [{ path: '/', key: '/' }];
  const forms: PageCase[] = [];
  for (const each of queue) {
    if (known.has(each.key)) continue;
    known.set(each.key, each);
    const response = await page.goto(each.path);
    if (response?.status() !== 200)
      throw new Error(`${each.path} is linked and answers ${response?.status()}`);
    queue.push(...(await linksOf(page, each)));
    forms.push(...(await actionsOf(page, each)));
  }
  const pages = [...known.values()].map(({ key, path }) => ({ name: key, path }));
  return [...pages.filter((each) => !repeats(each, pages)), ...withoutRepeats(forms)];
}

/** A list under each of its tabs looks the same but for its rows, and an item was seen in each of its states. */
function repeats({ name }: PageCase, pages: readonly PageCase[]): boolean {
  if (name.includes('?')) return pages.find((other) => other.name.includes('?'))?.name !== name;
  return pages.some((other) => other.name.startsWith(`${name} `));
}

const withoutRepeats = (cases: readonly PageCase[]): PageCase[] => [
  ...new Map(cases.map((each) => [each.name, each])).values(),
];

async function linksOf(page: Page, { key, path }: Found): Promise<Found[]> {
  const hrefs = await page.$$eval('.rail .nav a, main a, .rail .account a', (links) =>
    links.map((link) => ({ href: link.getAttribute('href') ?? '', isTab: Boolean(link.closest('.tabs')) })),
  );
  const state = new URL(path, 'http://x').searchParams.get('state');
  return hrefs.flatMap(({ href, isTab }) => {
    if (!href.startsWith('/') || href.startsWith('//')) return [];
    const [pathname = ''] = href.split('?');
    if (NO_PAGE.test(pathname)) return [];
    // Sixty tables are shown by one page.
    const kind = pathname.replace(ID, ':id').replace(/^(\/isolation\/tables\/).+/, '$1:table');
    if (isTab) return [{ path: href, key: href.replace(ID, ':id') }];
    return [
      {
        path: pathname,
        key: state && kind !== key.split('?')[0] && kind.endsWith(':id') ? `${kind} ${state}` : kind,
      },
    ];
  });
}

/** What else a page can look like: its form sent empty, its first dialog open. */
async function actionsOf(page: Page, { key, path }: Found): Promise<PageCase[]> {
  const cases: PageCase[] = [];
  if (path.endsWith('/new') || key === '/profile') {
    cases.push({ name: `${key}, sent empty`, path, act: (each) => sendEmpty(each) });
  }
  const dialogs = page.locator('main [data-dialog]');
  if ((await dialogs.count()) > 0) {
    cases.push({
      name: `dialog ${await dialogs.first().getAttribute('data-dialog')} of ${key.split(' ')[0]}`,
      path,
      act: (each) => each.locator('main [data-dialog]').first().click(),
    });
  }
  if ((await page.locator('[data-bulk]').count()) > 0) {
    cases.push({
      name: `${key}, row ticked`,
      path,
      act: (each) => each.locator('tbody .check input').first().check(),
    });
  }
  return cases;
}

/** Empties the page's main form and sends it, past what the browser itself would refuse. */
export async function sendEmpty(page: Page): Promise<void> {
  await Promise.all([
    page.waitForEvent('load'),
    page.evaluate(() => {
      const form = document.querySelector<HTMLFormElement>('main form[method=post].form')!;
      for (const field of form.querySelectorAll<HTMLInputElement>('input:not([type=hidden]), textarea'))
        field.value = '';
      form.noValidate = true;
      form.requestSubmit();
    }),
  ]);
}
