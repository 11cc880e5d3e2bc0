import { v7 as uuid } from 'uuid';
import { amber, fixtureId } from '../two-markets.ts';
import type { Ask, Pairs } from './ask.ts';
import { type Control, MOST_TRIES, pathsOf, queryNames, type Survey, works } from './controls.ts';
import { type Document, operationsOf } from './openapi.ts';
import { type Visit, visit } from './pages.ts';
import type { Person, PublicName } from './people.ts';
import { slugOf, WAITING } from './public-people.ts';
import { keyOf, type Route } from './routes.ts';
import { bodyOf } from './values.ts';
import type { World } from './world.ts';

const BASE = '/public/v1';
const HOME = `/m/${slugOf(amber)}`;
const branch = fixtureId('branch', 'amber', 'second');

/** Bodies that work, by route. They are made anew each time: an event's id says when it happened. */
const BODIES: Readonly<Record<string, () => unknown>> = {
  [`POST ${BASE}/events`]: () => ({
    visitor: fixtureId('visitor', 'amber'),
    events: [
      { id: uuid(), kind: 'view', offerId: amber.liveOffer, branchId: branch },
      { id: uuid(), kind: 'view', offerId: amber.liveOffer },
    ],
  }),
  [`POST ${BASE}/sign-in-codes`]: () => ({ email: 'probe@example.test', locale: 'ar' }),
  [`POST ${BASE}/sessions`]: () => ({ ...WAITING }),
  [`PATCH ${BASE}/me`]: () => ({ locale: 'ar', optedIn: false }),
  [`POST ${BASE}/claims`]: () => ({ offerId: amber.liveOffer }),
};

/** Lists are asked with everything that narrows and orders them, too. */
const QUERIES: Readonly<Record<string, readonly Pairs[]>> = {
  [`GET ${BASE}/offers`]: [
    [['branch', branch]],
    [
      ['near', '24.7,46.6'],
      ['within', '50'],
      ['sort', 'distance'],
      ['q', 'marker'],
      ['limit', '1'],
    ],
  ],
  [`GET ${BASE}/branches`]: [[['near', '24.7,46.6']]],
  [`GET ${BASE}/claims`]: [[['limit', '1']]],
  'GET /m/:slug': [[['branch', branch]]],
};

/** What the surface answers, and for each route a request that works for whoever it is meant for. */
export async function surveyPublic(
  world: World,
  people: Readonly<Record<PublicName, Person>>,
): Promise<Survey> {
  const routes = world.routes.public;
  const visits: Partial<Record<PublicName, Visit>> = {};
  const all = [...routes, ...world.routes.partner];
  for (const name of ['visitor', 'guest'] as const) visits[name] = await visit(people[name], all, HOME);
  const answer = await people.key.send({ method: 'GET', path: `${BASE}/openapi.json` });
  const document: Document = JSON.parse(answer.text);
  const operations = operationsOf(document, BASE);
  const controls: Control[] = [];
  for (const route of routes) {
    const actors = route.path.startsWith('/public/')
      ? [people.key, people.shopper]
      : [people.visitor, people.guest];
    controls.push(...(await controlsFor(world, route, actors, { visits, operations, document })));
  }
  const without = routes.filter((route) => !controls.some((control) => control.route === route));
  return { portal: 'public', routes, controls, without, visits, operations, document };
}

type Found = Pick<Survey, 'visits' | 'operations' | 'document'>;

/** The first request that works for each of the actors: a shopper's answers may differ from a stranger's. */
async function controlsFor(
  world: World,
  route: Route,
  actors: readonly Person[],
  found: Found,
): Promise<Control[]> {
  const controls: Control[] = [];
  for (const person of actors) {
    const asks = await attempts(world, route, person, found.visits[person.name]);
    const names = queryNames(route, found.visits[person.name], found);
    for (const ask of asks.slice(0, MOST_TRIES)) {
      const answer = await person.send(ask);
      await world.reset();
      if (!works(answer) || isSentAway(answer.headers.location)) continue;
      const control = { route, person, ask, answer, queryNames: names };
      controls.push(control);
      for (const query of QUERIES[keyOf(route)] ?? [])
        controls.push({ ...control, ask: { ...ask, query }, answer: await person.send({ ...ask, query }) });
      break;
    }
  }
  return controls;
}

const isSentAway = (location: unknown): boolean => /\/sign-in(\?|$)/.test(String(location ?? ''));

async function attempts(world: World, route: Route, person: Person, seen: Visit | undefined): Promise<Ask[]> {
  const { method } = route;
  const made = BODIES[keyOf(route)];
  const asks: Ask[] = [];
  for (const { form, button, path } of seen?.forms.get(keyOf(route))?.slice(0, 4) ?? [])
    asks.push({ method, path, body: await bodyOf(form, button) });
  for (const page of seen?.pages ?? [])
    if (page.route === route && page.answer.status === 200)
      asks.push({ method, path: page.address.split('?')[0]! });
  const paths = pathsOf(atAmber(route), world.ids);
  for (const path of paths) {
    if (made) asks.push({ method, path, body: { kind: 'json', value: made() } });
    else if (route.path.startsWith('/m/') && method !== 'GET')
      asks.push({ method, path, body: { kind: 'form', fields: fieldsFor(route, person) } });
    else asks.push({ method, path });
  }
  return asks;
}

/** The market of a hosted page stands in its address, and is no id. */
function atAmber(route: Route): Route {
  const params = route.params.filter((name) => name !== 'slug');
  return { ...route, path: route.path.replace('/m/:slug', HOME), params };
}

function fieldsFor(route: Route, { csrf }: Person): Pairs {
  const signingIn = route.path.endsWith('/sessions');
  const typed = signingIn ? WAITING : { email: 'probe@example.test', offerId: amber.liveOffer };
  return Object.entries({ _csrf: csrf, ...typed });
}
