import assert from 'node:assert/strict';
import type { PortalName } from '../../server/config.ts';
import { axe, pageProblems } from '../support/browser-checks.ts';
import type { GetDemo } from '../support/browser-demo.ts';
import { discoverPages, type PageCase, sendEmpty } from '../support/browser-pages.ts';
import { openWindow, signInTo, type WindowOptions } from '../support/browser-session.ts';

const VARIANTS = (['en', 'ar'] as const).flatMap((locale) =>
  (['light', 'dark'] as const).map((theme) => ({ locale, theme })),
);
const WIDTHS = [1280, 390] as const;

/** Pages that no link leads to. */
const OPEN_PAGES: PageCase[] = [
  { name: '/sign-in', path: '/sign-in' },
  { name: '/sign-in, sent empty', path: '/sign-in', act: sendEmpty },
  { name: '/password-reset', path: '/password-reset' },
  { name: '/password-reset, sent empty', path: '/password-reset', act: sendEmpty },
  { name: '/password-reset/…, used', path: `/password-reset/${'A'.repeat(43)}` },
  { name: '/invitations/…, used', path: `/invitations/${'A'.repeat(43)}` },
];
const ERROR_PAGES: PageCase[] = [
  { name: '404', path: '/nowhere' },
  { name: '404, bad id', path: '/audit/x' },
];

export function pagesSuite(demo: GetDemo): void {
  describe('every page', function () {
    this.timeout(600_000);

    /** Looks at each page in one language and theme at both widths; all rules once a layout, colours always. */
    async function look(url: string, pages: readonly PageCase[], options: WindowOptions): Promise<string[]> {
      const { context, page, watch } = await openWindow(demo().browser, url, options);
      watch.expectStatus(400, 403, 404, 409, 410, 422);
      const problems: string[] = [];
      for (const each of pages) {
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.goto(each.path);
        await each.act?.(page);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          const found = [
            ...(await pageProblems(page)),
            ...(await axe(page, options.theme === 'light' ? 'all' : 'colours')),
          ];
          problems.push(
            ...found.map((problem) => `${each.name} ${options.locale} ${options.theme} ${width}: ${problem}`),
          );
        }
      }
      await context.close();
      return [...problems, ...watch.problems];
    }

    async function lookInAll(
      url: string,
      pages: readonly PageCase[],
      state?: WindowOptions['state'],
    ): Promise<void> {
      const found = await Promise.all(VARIANTS.map((variant) => look(url, pages, { ...variant, state })));
      assert.deepEqual(found.flat(), []);
    }

    async function signedIn(portal: PortalName, email: string): Promise<WindowOptions['state']> {
      const { context, page } = await openWindow(demo().browser, demo().portals[portal]);
      await signInTo(page, email);
      const state = await context.storageState();
      await context.close();
      return state;
    }

    for (const [portal, email, least] of [
      ['admin', 'operator@example.com', 15],
      ['partner', 'owner@murooj.example.com', 30],
    ] as const) {
      it(`${portal}: what links lead to, in both languages, themes and widths`, async () => {
        const state = await signedIn(portal, email);
        const { context, page } = await openWindow(demo().browser, demo().portals[portal], {
          locale: 'en',
          state,
        });
        const pages = await discoverPages(page);
        await context.close();
        assert.ok(
          pages.length >= least,
          `${pages.length} pages: ${pages.map(({ name }) => name).join(', ')}`,
        );
        await lookInAll(demo().portals[portal], [...pages, ...ERROR_PAGES], state);
      });

      it(`${portal}: what shows without a session`, () => lookInAll(demo().portals[portal], OPEN_PAGES));
    }

    it('what a role may not see is said in words', async () => {
      const support = await signedIn('admin', 'support@example.com');
      await lookInAll(demo().portals.admin, [{ name: '403', path: '/markets/new' }], support);
      const analyst = await signedIn('partner', 'analyst@murooj.example.com');
      const forbidden = { name: '403', path: '/offers/new' };
      await lookInAll(
        demo().portals.partner,
        [forbidden, { name: '/offers, analyst', path: '/offers' }],
        analyst,
      );
    });
  });
}
