import { OPEN, type Survey } from './controls.ts';
import type { Crawl } from './crawl.ts';
import { keyOf } from './routes.ts';

/** A route counts once, however many may use it. */
const reached = ({ controls }: Survey): number => new Set(controls.map(({ route }) => route)).size;
export const shareOf = (survey: Survey): number =>
  reached(survey) / (reached(survey) + survey.without.length);

/** What was reached, for whoever reads the run. */
export function coverageLine(survey: Survey): string {
  const { portal, without } = survey;
  const missing = without.length > 0 ? `; none for ${without.map(keyOf).join(', ')}` : '';
  return `${portal}: ${reached(survey)} of ${reached(survey) + without.length} routes ${portal === 'public' ? 'of the surface' : 'behind a session'} have a working positive control (${(shareOf(survey) * 100).toFixed(1)} %)${missing}`;
}

export const findingLines = ({ findings }: Crawl): string[] =>
  findings.map(({ route, person, attack, what }) => `${route} as ${person}, ${attack}: ${what}`);

/** Where the three ways of discovery contradict each other. */
export function disagreements({ routes, operations, visits }: Survey): string[] {
  const table = new Set(routes.map(keyOf));
  const documented = new Set(operations.map(keyOf));
  const api = [...table].filter((key) => / \/(api|public)\/v1\//.test(key));
  return [
    ...[...documented]
      .filter((key) => !table.has(key) && !OPEN.has(key))
      .map((key) => `${key} is documented, and no route answers`),
    ...api
      .filter((key) => !documented.has(key) && !key.endsWith('/openapi.json'))
      .map((key) => `${key} is not documented`),
    ...Object.entries(visits).flatMap(([person, { dangling, pages }]) => [
      ...dangling.map((path) => `${person} is shown a link to ${path}, which no route answers`),
      ...pages
        .filter(({ answer }) => answer.status >= 400)
        .map(({ address, answer }) => `${person} follows a link to ${address} and gets ${answer.status}`),
    ]),
  ];
}
