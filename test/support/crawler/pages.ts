import type { Answer } from './ask.ts';
import { type Form, formsOf, linksOf } from './html.ts';
import type { Person } from './people.ts';
import { findRoute, keyOf, type Route } from './routes.ts';

export interface Page {
  readonly address: string;
  readonly route: Route;
  readonly answer: Answer;
}

/** What somebody finds by following every link, each kind of address a few times. */
export interface Visit {
  readonly pages: readonly Page[];
  /** By the route that they post to. */
  readonly forms: ReadonlyMap<
    string,
    readonly { form: Form; button: Form['buttons'][number] | undefined; path: string }[]
  >;
  /** Addresses that the pages name and no route answers. */
  readonly dangling: readonly string[];
}

/** Pages of one kind, by path pattern and names of parameters, beyond which nothing new is to be expected. */
const ENOUGH = 6;

/** Follows links from a first page on. Forms come from every page that answered. */
export async function visit(person: Person, routes: readonly Route[], first = '/'): Promise<Visit> {
  const pages: Page[] = [];
  const dangling = new Set<string>();
  const kinds = new Map<string, number>();
  const seen = new Set<string>([first]);
  const queue = [first];
  for (let address = queue.shift(); address !== undefined; address = queue.shift()) {
    const url = new URL(address, 'http://portal');
    const route = findRoute(routes, 'GET', url.pathname);
    if (!route) {
      if (!findRoute(routes, 'POST', url.pathname)) dangling.add(url.pathname);
      continue;
    }
    if (isStatic(route) || !isNewKind(route, url, kinds)) continue;
    const answer = await person.send({ method: 'GET', path: url.pathname + url.search });
    pages.push({ address, route, answer });
    if (answer.status !== 200 || !isHtml(answer)) continue;
    for (const link of linksOf(answer.text).map(withoutHash)) {
      if (seen.has(link)) continue;
      seen.add(link);
      queue.push(link);
    }
  }
  return { pages, dangling: [...dangling], forms: formsByRoute(pages, routes) };
}

const isStatic = ({ path }: Route) => path.startsWith('/assets/');
const isHtml = ({ headers }: Answer) => String(headers['content-type']).startsWith('text/html');
const withoutHash = (address: string) => address.split('#')[0] || '/';

function isNewKind(route: Route, url: URL, kinds: Map<string, number>): boolean {
  const kind = `${route.path}?${[...url.searchParams.keys()].sort().join('&')}`;
  const count = (kinds.get(kind) ?? 0) + 1;
  kinds.set(kind, count);
  return count <= ENOUGH;
}

function formsByRoute(pages: readonly Page[], routes: readonly Route[]): Visit['forms'] {
  const found = new Map<
    string,
    { form: Form; button: Form['buttons'][number] | undefined; path: string }[]
  >();
  for (const { answer, address } of pages) {
    if (answer.status !== 200 || !isHtml(answer)) continue;
    for (const form of formsOf(answer.text, address)) {
      for (const button of form.buttons.length > 0 ? form.buttons : [undefined]) {
        const path = (button?.action ?? form.action).split('?')[0] ?? '/';
        const route = findRoute(routes, form.method, path);
        if (!route) continue;
        found.set(keyOf(route), [...(found.get(keyOf(route)) ?? []), { form, button, path }]);
      }
    }
  }
  return found;
}
