import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { PortalName } from '../../server/config.ts';
import { axe, pageProblems } from '../support/browser-checks.ts';
import type { GetDemo } from '../support/browser-demo.ts';
import { fillIsolation, openSupportSession } from '../support/browser-isolation.ts';
import { discoverPages, type PageCase, sendEmpty } from '../support/browser-pages.ts';
import { openWindow, signInTo, type WindowOptions } from '../support/browser-session.ts';

/**
 * Every language at every width and every theme at every width, in four looks: colours don't hang on the language. A
 * theme is switched on the page, which is a matter of style sheets alone.
 */
const VARIANTS = [
  { locale: 'en', theme: 'light', narrow: 'dark' },
  { locale: 'ar', theme: 'dark', narrow: 'light' },
] as const;
const WIDTHS = [1280, 390] as const;

type Variant = (typeof VARIANTS)[number];
type State = WindowOptions['state'];

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

/** Pages that have to be among those that links lead to, whatever else is. */
const EXPECTED: Readonly<Record<PortalName, readonly string[]>> = {
  admin: [
    ...[
      '/isolation',
      '/isolation/roles',
      '/isolation/functions',
      '/isolation/rules',
      '/isolation/tables/:table',
    ],
    ...['/isolation/probes', '/isolation/probes/:id', '/isolation/layers'],
    ...['/isolation/certificates', '/isolation/certificates/:id'],
    ...['/receipts', '/receipts/platform', '/receipts/:id', '/why', '/alarms'],
    ...['/support-sessions', '/support-sessions/:id', '/markets/:id/support-sessions/new'],
    ...['/audit', '/audit/platform', '/audit/verification'],
  ],
  partner: ['/audit', '/access-log', '/access-log/:id'],
};

export function pagesSuite(demo: GetDemo): void {
  describe('every page', function () {
    this.timeout(600_000);

    /** Looks at each page in one language at both widths, in a theme each. */
    async function look(url: string, pages: readonly PageCase[], variant: Variant, state?: State) {
      const { context, page, watch } = await openWindow(demo().browser, url, { ...variant, state });
      watch.expectStatus(400, 403, 404, 409, 410, 422);
      const problems: string[] = [];
      for (const each of pages) {
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.goto(each.path);
        await each.act?.(page);
        const found = await atWidths(page, variant);
        problems.push(...found.map((problem) => `${each.name} ${variant.locale}: ${problem}`));
      }
      await context.close();
      return [...problems, ...watch.problems];
    }

    async function atWidths(page: Page, { theme, narrow }: Variant): Promise<string[]> {
      const found: string[] = [];
      for (const [index, shown] of [theme, narrow].entries()) {
        const width = WIDTHS[index]!;
        await page.setViewportSize({ width, height: 900 });
        await page.evaluate((name) => {
          document.documentElement.dataset.theme = name;
        }, shown);
        const problems = [...(await pageProblems(page)), ...(await axe(page))];
        found.push(...problems.map((problem) => `${shown} ${width}: ${problem}`));
      }
      return found;
    }

    async function lookInAll(url: string, pages: readonly PageCase[], state?: State): Promise<void> {
      const halves = [0, 1].map((half) => pages.filter((_, index) => index % 2 === half));
      const windows = VARIANTS.flatMap((variant) =>
        halves.filter(({ length }) => length > 0).map((half) => look(url, half, variant, state)),
      );
      assert.deepEqual((await Promise.all(windows)).flat(), []);
    }

    async function signedIn(portal: PortalName, email: string): Promise<State> {
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
        if (portal === 'admin') await fillIsolation(demo());
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
        const names = new Set(pages.map(({ name }) => name.split(/[ ?,]/)[0]));
        assert.deepEqual(
          EXPECTED[portal].filter((name) => !names.has(name)),
          [],
        );
        await lookInAll(demo().portals[portal], [...pages, ...ERROR_PAGES], state);
      });

      // The portals share these views; of the second one its colours are looked at.
      it(`${portal}: what shows without a session`, () =>
        lookInAll(demo().portals[portal], portal === 'partner' ? OPEN_PAGES : OPEN_PAGES.slice(0, 2)));
    }

    it('a support session, from its link on', async () => {
      const { entry, enter } = await openSupportSession(demo());
      const { partner } = demo().portals;
      await lookInAll(partner, [{ name: '/support-session/entry', path: entry }]);
      const state = await enter();
      const paths = ['/', '/offers', '/analytics', '/support-session', '/profile'];
      await lookInAll(
        partner,
        paths.map((path) => ({ name: `${path}, looked at`, path })),
        state,
      );
    });

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

    it('is stretched by no name, however long its only word', async () => {
      const { portals, browser } = demo();
      for (const table of ['market', 'branch'])
        await portals.sql(`update ${table} set name_en = repeat('W', 118), name_ar = repeat('ل', 118)`);
      await portals.sql(`update team_member set name = repeat('W', 118)`);
      const problems: string[] = [];
      for (const [portal, email, paths] of [
        ['admin', 'operator@example.com', ['/', '/markets', '/offers', '/audit']],
        [
          'partner',
          'owner@murooj.example.com',
          ['/', '/offers', '/branches', '/team', '/market', '/profile'],
        ],
      ] as const) {
        const state = await signedIn(portal, email);
        const { context, page } = await openWindow(browser, portals[portal], { locale: 'en', state });
        for (const path of paths) {
          await page.goto(path);
          for (const width of WIDTHS) {
            await page.setViewportSize({ width, height: 900 });
            problems.push(...(await pageProblems(page)).map((problem) => `${path} ${width}: ${problem}`));
          }
        }
        await context.close();
      }
      assert.deepEqual(problems, []);
    });
  });
}
