import assert from 'node:assert/strict';
import { addressOf } from '../support/crawler/ask.ts';
import { type Control, isOpen, OPEN, survey } from '../support/crawler/controls.ts';
import { leaksIn } from '../support/crawler/judge.ts';
import { type Person, personOf, stranger } from '../support/crawler/people.ts';
import { fill, keyOf, type Route } from '../support/crawler/routes.ts';
import { isTrail } from '../support/crawler/rows.ts';
import { openWorld, type World } from '../support/crawler/world.ts';

const PORTALS = ['admin', 'partner'] as const;
const ID = '01900000-0000-7000-8000-000000000000';

describe('guards', function () {
  this.timeout(300_000);
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world?.close());

  const closed = (portal: 'admin' | 'partner') => world.routes[portal].filter((route) => !isOpen(route));
  const addressed = (route: Route) =>
    fill(
      route,
      route.params.map(() => ID),
    );

  it('the list of open routes names none that is gone', () => {
    const all = new Set(PORTALS.flatMap((portal) => world.routes[portal].map(keyOf)));
    assert.deepEqual(
      [...OPEN].filter((key) => !all.has(key)),
      [],
    );
  });

  for (const portal of PORTALS) {
    it(`${portal}: every other route asks a stranger to sign in, and does nothing`, async () => {
      const wrong = await refusals(world, world.strangers[portal], closed(portal), addressed);
      assert.deepEqual(wrong, []);
    });

    it(`${portal}: the other portal's cookies and tokens are a 401 everywhere`, async () => {
      const other = portal === 'admin' ? world.people.owner : world.people.operator;
      for (const person of await borrowed(world, portal, other)) {
        const wrong = await refusals(world, person, closed(portal), addressed, [401]);
        assert.deepEqual(wrong, []);
      }
    });

    it(`${portal}: no page changes anything without its CSRF token, and none for another site`, async () => {
      const { controls } = await survey(
        world,
        portal,
        ({ method, path }) => method !== 'GET' && !path.startsWith('/api/'),
      );
      assert.ok(controls.length > 5);
      assert.deepEqual(await withoutToken(world, controls), []);
    });

    it(`${portal}: below /api/v1 a cookie is no session, and on pages a token is none`, async () => {
      const person = portal === 'admin' ? world.people.operator : world.people.owner;
      const wrong: string[] = [];
      for (const route of closed(portal).filter(({ method }) => method === 'GET')) {
        const isApi = route.path.startsWith('/api/');
        const headers: Record<string, string> = isApi
          ? { Authorization: '', Cookie: person.cookie }
          : { Authorization: `Bearer ${person.token}`, Cookie: '' };
        const { status } = await person.send({ method: 'GET', path: addressed(route), headers });
        if (status !== (isApi ? 401 : 303)) wrong.push(`${keyOf(route)}: ${status}`);
      }
      assert.deepEqual(wrong, []);
    });
  }
});

async function refusals(
  world: World,
  person: Person,
  routes: readonly Route[],
  addressed: (route: Route) => string,
  allowed = [401, 303],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const route of routes) {
    const body = route.method === 'GET' ? {} : { body: { kind: 'form' as const, fields: [] } };
    const answer = await person.send({ method: route.method, path: addressed(route), ...body });
    const isToSignIn = answer.status !== 303 || String(answer.headers.location).startsWith('/sign-in');
    const isSilent = leaksIn(answer, world.ids).length === 0 && !answer.text.includes('marker-amber');
    if (!allowed.includes(answer.status) || !isToSignIn || !isSilent)
      wrong.push(`${keyOf(route)}: ${answer.status}`);
  }
  const changed = await world.reset();
  return changed.length > 0 ? [...wrong, `changed ${changed}`] : wrong;
}

/** Somebody with this portal's CSRF token and the other portal's session, under its own and under our cookie name. */
async function borrowed(world: World, portal: 'admin' | 'partner', other: Person): Promise<Person[]> {
  const here = world.portals[portal];
  const base = await stranger(here);
  const names = here.deps.cookies;
  const access = cookieOf(other.cookie, other.portal.deps.cookies.access);
  const refresh = cookieOf(other.cookie, other.portal.deps.cookies.refresh);
  const make = (cookie: string) => personOf('nobody', here, cookie, base.csrf, other.token);
  return [
    make(`${base.cookie}; ${names.access}=${access}`),
    make(`${base.cookie}; ${names.access}=${access}; ${names.refresh}=${refresh}`),
    make(`${base.cookie}; ${names.refresh}=${refresh}`),
  ];
}

const cookieOf = (header: string, name: string): string =>
  header
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? '';

async function withoutToken(world: World, controls: readonly Control[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { person, ask } of controls) {
    const changes: Record<string, string>[] = [
      { 'X-CSRF-Token': '' },
      {
        'X-CSRF-Token':
          `${person.csrf.slice(0, -1)}0` === person.csrf
            ? `${person.csrf.slice(0, -1)}1`
            : `${person.csrf.slice(0, -1)}0`,
      },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': '', Origin: 'https://elsewhere.test' },
    ];
    for (const headers of changes) {
      const { status } = await person.send({ ...ask, headers });
      if (status !== 403) wrong.push(`${ask.method} ${addressOf(ask)} ${JSON.stringify(headers)}: ${status}`);
    }
  }
  // Who was refused is in the trail.
  const changed = (await world.reset()).filter((each) => !isTrail(each));
  return changed.length > 0 ? [...wrong, `changed ${changed}`] : wrong;
}
