import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { readCatalogue } from '../../server/i18n/i18n.ts';
import { messages, modules } from '../../server/paths.ts';

const axeSource = readFileSync(join(modules, 'axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Rules whose answer hangs on colours, which a theme changes; all others only need to be asked once a layout. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

type Rules = 'all' | 'colours';

interface AxeResult {
  readonly violations: { id: string; help: string; nodes: { target: string[]; failureSummary?: string }[] }[];
  readonly passes: unknown[];
}

/** Violations of WCAG 2.2 AA that axe finds, one line each. */
export async function axe(page: Page, rules: Rules = 'all'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  const options =
    rules === 'all'
      ? { runOnly: { type: 'tag', values: TAGS }, rules: { 'target-size': { enabled: true } } }
      : { runOnly: { type: 'rule', values: COLOUR_RULES } };
  const { violations, passes } = await page.evaluate(
    (given) =>
      (window as unknown as { axe: { run(o: object): Promise<AxeResult> } }).axe.run({
        ...given,
        resultTypes: ['violations'],
        // No rule of these tags asks for style sheets' text.
        preload: false,
      }),
    options,
  );
  if (passes.length === 0 && violations.length === 0)
    throw new Error(`axe looked at nothing on ${page.url()}`);
  return violations.map(
    ({ id, help, nodes }) =>
      `axe ${id}: ${help} at ${nodes[0]?.target.join(' ')} (${nodes.length}) ${nodes[0]?.failureSummary?.replace(/\s+/g, ' ') ?? ''}`,
  );
}

/** A command that a page tells is no message key. */
const COMMAND = /npm run \S+/g;
const namespaces = Object.keys(readCatalogue(messages, 'en'));
const rawKey = new RegExp(`(?:^|\\s)(?:${namespaces.join('|')}):[a-z][\\w-]*(?:\\.[\\w-]+)*(?=\\s|$)`, 'i');

/** What only needs the document: sideways scroll, message keys that were never translated, and how it names itself. */
export async function pageProblems(page: Page): Promise<string[]> {
  const seen = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = [...document.querySelectorAll('body *')].find(
      (element) =>
        element.getBoundingClientRect().right > clientWidth + 1 &&
        !element.closest('.table-scroll, .tabs, svg'),
    );
    const attributes = [...document.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap(
      (element) => ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? ''),
    );
    return {
      overflow: scrollWidth - clientWidth,
      widest: wide ? `${wide.tagName}.${wide.className}` : '',
      text: [document.title, document.body.innerText, ...attributes].join('\n'),
      headings: document.querySelectorAll('h1').length,
      htmlSeen:
        /&(?:amp|lt|gt|quot|#\d+);|\[object |undefined|NaN\b|Invalid Date/.exec(
          document.body.innerText,
        )?.[0] ?? '',
    };
  });
  const key = rawKey.exec(seen.text.replace(COMMAND, ''))?.[0].trim();
  return [
    ...(seen.overflow > 0 ? [`scrolls sideways by ${seen.overflow}px, ${seen.widest}`] : []),
    ...(key ? [`untranslated: ${key}`] : []),
    ...(seen.headings === 1 ? [] : [`${seen.headings} h1`]),
    ...(seen.htmlSeen ? [`shows ${seen.htmlSeen}`] : []),
  ];
}
