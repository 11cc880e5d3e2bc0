import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { PortalName } from '../../server/config.ts';
import type { Browser } from '../support/browser.ts';
import type { TestDatabase } from '../support/database.ts';
import { partnerLogin, signIn, staffLogin } from '../support/http.ts';
import {
  buildOnce,
  type RunningPortal,
  residentMegabytes,
  runPortal,
  twoMarketsDatabase,
} from '../support/portal-processes.ts';
import { parseSetCookie } from '../support/set-cookie.ts';

const LOGINS = { admin: staffLogin('operator'), partner: partnerLogin('amber', 'owner') };
const SIDES = ['amber', 'basil'] as const;
const PATHS = ['/api/v1/offers', '/api/v1/branches', '/api/v1/team', '/api/v1/audit'];

describe('two processes', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  const running: RunningPortal[] = [];
  const run = async (portal: PortalName, changes: Record<string, string> = {}) => {
    const started = await runPortal(portal, database, changes);
    running.push(started);
    return started;
  };
  before(async () => {
    await buildOnce();
    database = await twoMarketsDatabase();
  });
  after(async () => {
    await Promise.all(running.map((portal) => portal.stop()));
    await database?.drop();
  });

  describe('side by side', () => {
    const portals = {} as Record<PortalName, RunningPortal>;
    const browsers = {} as Record<PortalName, Browser>;
    const atRest: Partial<Record<PortalName, number | undefined>> = {};
    before(async () => {
      for (const portal of ['admin', 'partner'] as const) {
        portals[portal] = await run(portal);
        await pause(300);
        atRest[portal] = residentMegabytes(portals[portal].process);
        browsers[portal] = await signIn(portals[portal].browser(), LOGINS[portal]);
      }
    });

    for (const [own, other] of [
      ['admin', 'partner'],
      ['partner', 'admin'],
    ] as const) {
      it(`the ${own} portal's tokens are good for it, and a 401 at the ${other} portal`, async () => {
        const { body } = await portals[own].browser().api('post', '/tokens', { body: credentials(own) });
        const { accessToken: token, refreshToken } = body;
        assert.equal((await portals[own].browser().api('get', '/sessions', { token })).status, 200);
        assert.equal((await portals[other].browser().api('get', '/sessions', { token })).status, 401);
        const renewal = { body: { refreshToken } };
        const refused = await portals[other].browser().api('post', '/tokens/refresh', renewal);
        assert.equal(refused.status, 401);
        assert.equal(
          (await portals[own].browser().api('post', '/tokens/refresh', renewal)).status,
          200,
          'and the refusal used nothing up',
        );
      });

      it(`the ${own} portal's cookies open nothing at the ${other} portal, whatever their names`, async () => {
        assert.equal((await browsers[own].get('/profile')).status, 200);
        for (const rename of [(name: string) => name, (name: string) => name.replace(own, other)]) {
          const browser = portals[other].browser();
          for (const [name, value] of browsers[own].cookies) browser.cookies.set(rename(name), value);
          const answer = await browser.get('/profile');
          const isToSignIn = answer.status === 303 && answer.get('Location')?.startsWith('/sign-in');
          assert.ok(answer.status === 401 || isToSignIn, String(answer.status));
          assert.ok(
            !(answer.get('Set-Cookie') ?? [])
              .map(parseSetCookie)
              .some(({ name, isOver }) => !isOver && /access|refresh/.test(name)),
          );
        }
      });
    }

    it('resident memory, for whoever reads the run', () => {
      for (const [name, portal] of Object.entries(portals)) {
        const now = residentMegabytes(portal.process);
        process.stdout.write(
          `        ${name}: ${atRest[name as PortalName]} MB resident at rest (aim: under 150), ${now} MB after use\n`,
        );
      }
    });

    it('each ends in order on SIGTERM, silently', async () => {
      for (const portal of Object.values(portals)) {
        const { code, stderr } = await portal.stop();
        assert.deepEqual([code, stderr], [0, '']);
      }
    });
  });

  for (const size of [1, 2]) {
    it(`a pool of ${size} between two markets: 240 requests at once, failing and broken-off ones among them`, async () => {
      const portal = await run('partner', { DB_POOL_SIZE: String(size) });
      const people = await Promise.all(
        SIDES.map(async (side) => ({ side, ...(await visitor(portal, side)) })),
      );
      const wrong: string[] = [];
      const counts: Record<number, number> = {};
      await atOnce(16, 240, async (index) => {
        const person = people[index % 2]!;
        const answer = await person.ask(index);
        if (!answer) return;
        counts[answer.status] = (counts[answer.status] ?? 0) + 1;
        const other = person.side === 'amber' ? 'basil' : 'amber';
        if (answer.text.includes(`marker-${other}`)) wrong.push(`${index}: ${person.side} sees ${other}`);
        if (answer.status === 200 && !answer.text.includes(`marker-${person.side}`))
          wrong.push(`${index}: ${person.side} does not see its own`);
        if (![200, 303, 404, 409, 422, 503].includes(answer.status)) wrong.push(`${index}: ${answer.status}`);
      });
      assert.deepEqual(wrong, []);
      assert.ok((counts[200] ?? 0) > 60, JSON.stringify(counts));
      assert.deepEqual((await portal.stop()).stderr, '');
    });
  }

  it('one connection, alternating markets, prepared statements: 500 rounds', async () => {
    // Comparing the layers takes a connection of its own.
    const portal = await run('partner', {
      ...{ DB_POOL_SIZE: '1', DB_NAMED_STATEMENTS: 'on', LAYER_SAMPLE: '0' },
    });
    const tokens = {
      amber: await portal.token(partnerLogin('amber')),
      basil: await portal.token(partnerLogin('basil')),
    };
    const rows: Record<string, Set<string>> = { amber: new Set(), basil: new Set() };
    const backends = await withSuperuser(database, async (client) => {
      const seen = new Set<number>();
      for (let round = 0; round < 500; round++) {
        for (const side of SIDES) {
          const path = PATHS[round % PATHS.length]!;
          const answer = await fetch(`${portal.url}${path}`, {
            headers: { Authorization: `Bearer ${tokens[side]}` },
          });
          const text = await answer.text();
          assert.equal(answer.status, 200);
          const other = side === 'amber' ? 'basil' : 'amber';
          assert.ok(
            text.includes(`marker-${side}`) && !text.includes(`marker-${other}`),
            `round ${round}, ${side}`,
          );
          for (const row of JSON.parse(text).rows) rows[side]!.add(row.id);
        }
        if (round % 50 === 49) for (const pid of await backendsOf(client)) seen.add(pid);
      }
      return seen;
    });
    assert.equal(backends.size, 1, 'all of it over one connection');
    assert.ok(rows.amber!.size > 5 && rows.amber!.size === rows.basil!.size);
    assert.equal([...rows.amber!].filter((id) => rows.basil!.has(id)).length, 0);
    await portal.stop();
  });

  it('SIGTERM lets a request that runs finish, takes no new one, and then ends', async () => {
    const portal = await run('partner');
    const token = await portal.token(LOGINS.partner);
    await withSuperuser(database, async (client) => {
      await client.query('begin; lock table branch in access exclusive mode');
      const answer = portal.browser().api('get', '/branches', { token });
      await untilWaiting(database);
      const ended = portal.stop();
      await portal.process.says(/"stopping"/);
      await assert.rejects(fetch(`${portal.url}/healthz`));
      await client.query('commit');
      const { status, text } = await answer;
      assert.deepEqual([status, text.includes('marker-amber')], [200, true]);
      assert.deepEqual((await ended).code, 0);
    });
  });
});

const credentials = (portal: PortalName) => ({
  email: LOGINS[portal].email,
  password: LOGINS[portal].password,
});

interface Visitor {
  /** Undefined for a request that was broken off on purpose. */
  ask(index: number): Promise<{ status: number; text: string } | undefined>;
}

/** Pages, JSON, things that are not there, writes that are refused, and requests whose sender hangs up. */
async function visitor(portal: RunningPortal, side: 'amber' | 'basil'): Promise<Visitor> {
  const login = partnerLogin(side, 'owner');
  const browser = await signIn(portal.browser(), login);
  await browser.get('/profile');
  const token = await portal.token(login);
  const headers = { Authorization: `Bearer ${token}` };
  const unknown = '01900000-aaaa-7aaa-8aaa-aaaaaaaaaaaa';
  const pages = ['/offers', '/team', '/branches', '/'];
  return {
    ask: async (index) => {
      const path = PATHS[index % PATHS.length]!;
      switch (index % 7) {
        case 0:
        case 1:
          return browser.copy().get(pages[index % pages.length]!);
        case 2:
          return portal.browser().api('get', `/offers/${unknown}`, { token });
        case 3:
          return portal
            .browser()
            .api('put', `/team/${unknown}`, { token, body: { name: 'x', role: 'owner' } });
        case 4:
          await fetch(`${portal.url}${path}`, { headers, signal: AbortSignal.timeout(1 + (index % 9)) })
            .then((answer) => answer.text())
            .catch(() => undefined);
          return undefined;
        default:
          return portal.browser().api('get', path.replace('/api/v1', ''), { token });
      }
    },
  };
}

async function atOnce(lanes: number, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function withSuperuser<T>(database: TestDatabase, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function backendsOf(client: pg.Client): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and usename = 'bulkhead_partner'`,
  );
  return rows.map(({ pid }) => pid);
}

async function untilWaiting(database: TestDatabase): Promise<void> {
  await withSuperuser(database, async (client) => {
    for (let tries = 0; tries < 200; tries++) {
      const { rows } = await client.query(
        `select from pg_stat_activity where usename = 'bulkhead_partner' and wait_event_type = 'Lock'`,
      );
      if (rows.length > 0) return;
      await pause(20);
    }
    throw new Error('The request does not wait for the lock');
  });
}
