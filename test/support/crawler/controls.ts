import type { Answer, Ask, Body } from './ask.ts';
import { candidates, type Ids } from './ids.ts';
import { type Document, type Operation, operationsOf, sample } from './openapi.ts';
import { type Visit, visit } from './pages.ts';
import type { Person } from './people.ts';
import { fill, keyOf, type Route } from './routes.ts';
import { bodyOf } from './values.ts';
import type { World } from './world.ts';

/** A request that works for its own market: only what can succeed is worth attacking. */
export interface Control {
  readonly route: Route;
  readonly person: Person;
  readonly ask: Ask;
  readonly answer: Answer;
  /** Names of parameters that lists of this address understand. */
  readonly queryNames: readonly string[];
}

export interface Survey {
  readonly portal: 'admin' | 'partner' | 'public';
  readonly routes: readonly Route[];
  readonly controls: readonly Control[];
  readonly without: readonly Route[];
  readonly visits: Readonly<Partial<Record<Person['name'], Visit>>>;
  readonly operations: readonly Operation[];
  readonly document: Document;
}

/** Routes that need no session, by intent. Everything else has to refuse a stranger. */
export const OPEN = new Set([
  ...['GET /healthz', 'GET /readyz', 'GET /assets/{*path}', 'POST /locale', 'POST /theme'],
  // Public keys are for everybody.
  'GET /.well-known/bulkhead-audit.json',
  ...['GET /sign-in', 'POST /sign-in', 'GET /sign-in/market', 'POST /sign-in/market'],
  ...['POST /sign-out', 'POST /sign-out/everywhere'],
  ...['GET /password-reset', 'POST /password-reset'],
  ...['GET /password-reset/:token', 'POST /password-reset/:token'],
  ...['GET /invitations/:secret', 'POST /invitations/:secret'],
  // The link is who it is.
  ...['GET /support-session/entry', 'POST /support-session/entry'],
  ...['GET /unsubscribe/:token', 'POST /unsubscribe/:token'],
  ...['GET /api/v1/openapi.json', 'POST /api/v1/tokens', 'POST /api/v1/tokens/refresh'],
]);

/** Of support sessions, which test/http/support-sessions sends through every route. */
const isOfSupport = ({ path }: Route): boolean => /^\/support-session(\/|$)/.test(path);

/** What asks the other process, or signs: test/http/admin/isolation and test/http/why go through it with both there. */
const asksBoth = ({ method, path }: Route): boolean =>
  (method === 'POST' && /^(\/api\/v1)?\/isolation\//.test(path)) || path === '/api/v1/why';

/** The till's page and files are the same for everybody; one of their addresses holds a version. */
export const isOpen = (route: Route): boolean => OPEN.has(keyOf(route)) || /^\/till(\/|$)/.test(route.path);

const ACTORS = { partner: ['owner', 'manager', 'analyst'], admin: ['operator', 'support'] } as const;

/** Finds everything that a portal answers, and for each route behind a session a request that works. */
export async function survey(
  world: World,
  portal: 'admin' | 'partner',
  only: (route: Route) => boolean = () => true,
): Promise<Survey> {
  const all = world.routes[portal];
  const actors = ACTORS[portal].map((name) => world.people[name]);
  const visits: Partial<Record<Person['name'], Visit>> = {};
  for (const person of actors) visits[person.name] = await visit(person, all);
  const document: Document = JSON.parse(
    (await actors[0]!.send({ method: 'GET', path: '/api/v1/openapi.json' })).text,
  );
  const operations = operationsOf(document);
  const routes = all.filter((route) => !isOpen(route) && !isOfSupport(route) && only(route));
  const controls: Control[] = [];
  for (const route of routes.filter((each) => !asksBoth(each))) {
    const found = await controlFor(world, route, actors, visits, { operations, document });
    if (found) controls.push(found);
  }
  const without = routes.filter(
    (route) => !asksBoth(route) && !controls.some((control) => control.route === route),
  );
  return { portal, routes, controls, without, visits, operations, document };
}

export interface Api {
  readonly operations: readonly Operation[];
  readonly document: Document;
}

async function controlFor(
  world: World,
  route: Route,
  actors: readonly Person[],
  visits: Survey['visits'],
  api: Api,
): Promise<Control | undefined> {
  for (const person of actors) {
    const seen = visits[person.name];
    let tries = 0;
    for await (const ask of attempts(world, route, person, seen, api)) {
      if (++tries > MOST_TRIES) break;
      const answer = await person.send(ask);
      await world.reset();
      if (!works(answer)) continue;
      return { route, person, ask, answer, queryNames: queryNames(route, seen, api) };
    }
  }
  return undefined;
}

export const MOST_TRIES = 24;

/** From the surest on: what a page offered, then the document's example, then every id that there is. */
async function* attempts(
  world: World,
  route: Route,
  person: Person,
  seen: Visit | undefined,
  { operations, document }: Api,
): AsyncGenerator<Ask> {
  const { method } = route;
  if (route.path.startsWith('/api/')) {
    const operation = operations.find((each) => keyOf(each) === keyOf(route));
    for (const path of pathsOf(route, world.ids)) {
      if (!operation?.body) {
        const query = (operation?.required ?? []).map(({ name, schema }): [string, string] => [
          name,
          String(sample(schema, document, world.ids, name)),
        ]);
        yield query.length > 0 ? { method, path, query } : { method, path };
      } else yield { method, path, body: await exampleBody(person, path, operation, document, world.ids) };
    }
    return;
  }
  if (method === 'GET') {
    const pages = (seen?.pages ?? []).filter((page) => page.route === route && page.answer.status === 200);
    for (const { address } of pages.slice(0, 3)) yield { method, path: address.split('?')[0]! };
    // Some pages are nothing without what their link says.
    for (const { address } of pages.filter((page) => page.address.includes('?')).slice(0, 3)) {
      const { pathname: path, searchParams } = new URL(address, 'http://portal');
      yield { method, path, query: [...searchParams] };
    }
  }
  for (const { form, button, path } of seen?.forms.get(keyOf(route))?.slice(0, 10) ?? []) {
    const body = await bodyOf(form, button);
    if (method !== 'GET') yield { method, path, body };
    else if (body.kind === 'form') yield { method, path, query: body.fields };
  }
  for (const path of pathsOf(route, world.ids))
    yield method === 'GET' ? { method, path } : { method, path, body: { kind: 'form', fields: [] } };
}

export function pathsOf(route: Route, ids: Ids): string[] {
  if (route.params.length === 0) return [route.path];
  const words = route.path.split('/');
  if (words.at(-2) === 'plans') return [fill(route, ['fixturemain'])];
  const choices = route.params.map((name) => {
    const before = words[words.indexOf(`:${name}`) - 1] ?? '';
    return candidates(name === 'id' ? before : name, ids);
  });
  if (choices.length === 1) return choices[0]!.map((id) => fill(route, [id]));
  const [first = [], second = []] = choices;
  return first.slice(0, 4).flatMap((one) => second.slice(0, 8).map((two) => fill(route, [one, two])));
}

/** What the thing holds now, where it can be read at the same address, completed by the schema. */
async function exampleBody(
  person: Person,
  path: string,
  operation: Operation,
  document: Document,
  ids: Ids,
): Promise<Body> {
  const known = (await readJson(person, path)) ?? (await readJson(person, path.replace(/\/[^/]+$/, '')));
  return { kind: 'json', value: sample(operation.body ?? {}, document, ids, '', known) };
}

async function readJson(person: Person, path: string): Promise<unknown> {
  const { status, text } = await person.send({ method: 'GET', path });
  return status === 200 ? JSON.parse(text) : undefined;
}

/** Done, and not merely sent back with a complaint. */
export function works({ status, headers }: Answer): boolean {
  if (status >= 200 && status < 300) return true;
  if (status !== 303) return false;
  const cookies = [headers['set-cookie'] ?? []].flat().map(decodeURIComponent);
  const hasFailed = cookies.some((cookie) => /-flash=.*"kind":"error"/.test(cookie));
  return !hasFailed && !String(headers.location).startsWith('/sign-in?');
}

export function queryNames(route: Route, seen: Visit | undefined, { operations }: Api): string[] {
  const documented = operations.find((each) => keyOf(each) === keyOf(route))?.queryNames ?? [];
  const forms = seen?.forms.get(keyOf(route)) ?? [];
  return [...new Set([...documented, ...forms.flatMap(({ form }) => form.fields.map(({ name }) => name))])];
}
