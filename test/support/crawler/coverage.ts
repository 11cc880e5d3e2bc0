import { OPEN, type Survey } from './controls.ts';
import type { Crawl } from './crawl.ts';
import { keyOf } from './routes.ts';

export const shareOf = ({ controls, routes }: Survey): number => controls.length / routes.length;

/** What was reached, for whoever reads the run. */
export function coverageLine(survey: Survey): string {
  const { portal, controls, routes, without } = survey;
  const missing = without.length > 0 ? `; none for ${without.map(keyOf).join(', ')}` : '';
  return `${portal}: ${controls.length} of ${routes.length} routes behind a session have a working positive control (${(shareOf(survey) * 100).toFixed(1)} %)${missing}`;
}

export const findingLines = ({ findings }: Crawl): string[] =>
  findings.map(({ route, person, attack, what }) => `${route} as ${person}, ${attack}: ${what}`);

/** Where the three ways of discovery contradict each other. */
export function disagreements({ routes, operations, visits }: Survey): string[] {
  const table = new Set(routes.map(keyOf));
  const documented = new Set(operations.map(keyOf));
  const api = [...table].filter((key) => key.includes(' /api/v1/'));
  return [
    ...[...documented]
      .filter((key) => !table.has(key) && !OPEN.has(key))
      .map((key) => `${key} is documented, and no route answers`),
    ...api.filter((key) => !documented.has(key)).map((key) => `${key} is not documented`),
    ...Object.entries(visits).flatMap(([person, { dangling, pages }]) => [
      ...dangling.map((path) => `${person} is shown a link to ${path}, which no route answers`),
      ...pages
        .filter(({ answer }) => answer.status >= 400)
        .map(({ address, answer }) => `${person} follows a link to ${address} and gets ${answer.status}`),
    ]),
  ];
}
