import assert from 'node:assert/strict';
import { Router } from 'express';
import type pg from 'pg';
import { partner } from '../../../server/portals/partner.ts';
import type { Portal } from '../../../server/portals/portal.ts';
import { publicSurface } from '../../../server/public/public.routes.ts';
import { shopperVerifier } from '../../../server/shoppers/shopper-auth.ts';
import type { Answer } from '../../support/crawler/ask.ts';
import type { Survey } from '../../support/crawler/controls.ts';
import { coverageLine, disagreements, findingLines, shareOf } from '../../support/crawler/coverage.ts';
import { type Crawl, crawlPartner } from '../../support/crawler/crawl.ts';
import { leaksIn } from '../../support/crawler/judge.ts';
import type { Person, PublicName } from '../../support/crawler/people.ts';
import { awaitCode, publicPeople, slugOf } from '../../support/crawler/public-people.ts';
import { surveyPublic } from '../../support/crawler/public-survey.ts';
import { keyOf } from '../../support/crawler/routes.ts';
import { openWorld, type World } from '../../support/crawler/world.ts';
import { superuserPool } from '../../support/database.ts';
import { type Attacker, secretsOf } from '../../support/public-drill.ts';
import { amber, basil } from '../../support/two-markets.ts';

const LEAST_COVERED = 0.95;
const say = (line: string) => process.stdout.write(`      ${line}\n`);
const ACTOR: Readonly<Record<PublicName, Attacker>> = {
  key: 'key',
  shopper: 'shopper',
  visitor: 'visitor',
  guest: 'shopper',
};

describe('crawler at the public surface', function () {
  this.timeout(600_000);
  let world: World;
  let people: Readonly<Record<PublicName, Person>>;
  let survey: Survey;
  const secrets = new Map<Attacker, readonly string[]>();

  before(async () => {
    world = await openWorld({ env: { TRUST_PROXY: '1' } }, awaitCode);
    people = await publicPeople(world.portals);
    for (const actor of ['key', 'visitor', 'shopper'] as const)
      secrets.set(actor, await secretsOf(world.portals, actor));
  });
  after(() => world?.close());

  /** Drafts, other shoppers, figures, the team: whatever the storefront does not show to this person. */
  const hiddenIn = (person: Person, answer: Answer, sentId = ''): string[] => {
    const whole = `${JSON.stringify(answer.headers)}\n${answer.text}`;
    const text = sentId ? whole.replaceAll(sentId, '') : whole;
    return secrets.get(ACTOR[person.name as PublicName])!.filter((secret) => text.includes(secret));
  };

  it('makes nearly every route work before attacking it', async () => {
    survey = await surveyPublic(world, people);
    say(coverageLine(survey));
    assert.ok(shareOf(survey) >= LEAST_COVERED, coverageLine(survey));
  });

  it('router table, links and OpenAPI document agree', () => {
    assert.deepEqual(disagreements(survey), []);
  });

  it('has much to hide, and shows none of it in what works', () => {
    for (const [, values] of secrets) assert.ok(values.length > 150);
    const found = survey.controls.flatMap(({ route, person, answer }) =>
      [...leaksIn(answer, world.ids), ...hiddenIn(person, answer)].map(
        (secret) => `${keyOf(route)} as ${person.name} tells ${secret}`,
      ),
    );
    assert.deepEqual(found, []);
  });

  it('no page that a visitor or a shopper can find shows any of it', () => {
    const found = Object.values(survey.visits).flatMap((visit) =>
      (visit?.pages ?? []).flatMap(({ address, answer }) =>
        leaksIn(answer, world.ids).map((leak) => `${address} ${leak}`),
      ),
    );
    assert.deepEqual(found, []);
    assert.ok((survey.visits.guest?.pages.length ?? 0) > 5);
  });

  it('foreign ids in path, query, body, arrays and objects, by every method, reach nothing', async () => {
    const crawl = await crawlPartner(world, survey, { lesser: people.key, secrets: hiddenIn });
    say(`public: ${crawl.requests} requests`);
    assert.deepEqual(findingLines(crawl), []);
  });

  it('another shopper’s claims, by id, are unknown ones: at their own market as at another', async () => {
    const theirs = await world.portals.sql<{ id: string; market: string }>(
      `select id, market_id as market from claim where shopper_id <> $1 or market_id <> $2`,
      [amber.shopper, amber.marketId],
    );
    assert.ok(theirs.length >= 3);
    const ask = (id: string) => people.shopper.send({ method: 'GET', path: `/public/v1/claims/${id}` });
    const page = (id: string) =>
      people.guest.send({ method: 'GET', path: `/m/${slugOf(amber)}/claims/${id}` });
    for (const send of [ask, page]) {
      const unknown = await send('01900000-aaaa-7aaa-8aaa-aaaaaaaaaaaa');
      assert.equal(unknown.status, 404);
      for (const { id } of theirs) assert.equal((await send(id)).status, 404, id);
    }
  });

  it('a session at one market is none at the other’s pages', async () => {
    const wrong: string[] = [];
    for (const { route, person, ask } of survey.controls) {
      if (person.name !== 'guest') continue;
      const path = ask.path.replace(slugOf(amber), slugOf(basil));
      const answer = await person.send({ ...ask, path });
      if (answer.text.includes(amber.marker) || answer.text.includes('AMBR'))
        wrong.push(`${keyOf(route)} at basil`);
      const changed = (await world.reset()).filter(
        (key) => !/^(offer_event|rollup_task|event_intake)\//.test(key),
      );
      if (changed.length > 0) wrong.push(`${keyOf(route)} changed ${changed}`);
    }
    assert.deepEqual(wrong, []);
  });

  it('a cursor of the other market’s list opens none of its rows', async () => {
    const rivals = await publicPeople(world.portals, basil);
    let tried = 0;
    for (const path of ['/public/v1/offers', '/public/v1/claims']) {
      const query = [['limit', '1']] as [string, string][];
      const page = await rivals.shopper.send({ method: 'GET', path, query });
      const { next } = JSON.parse(page.text) as { next: string | null };
      if (!next) continue;
      tried += 1;
      const answer = await people.shopper.send({ method: 'GET', path, query: [...query, ['cursor', next]] });
      assert.deepEqual([answer.status, leaksIn(answer, world.ids)], [200, []], path);
    }
    assert.ok(tried >= 1);
  });
});

describe('crawler at a public surface with holes', function () {
  this.timeout(300_000);
  let world: World;
  let pool: pg.Pool;
  let crawl: Crawl;

  /** Mistakes behind a connection that no policy binds. */
  function mistakes(): Router {
    const router = Router();
    const rows = async (sql: string, values: unknown[]) => (await pool.query(sql, values)).rows;
    router.get('/leaks/claims/:id', async (req, res) => {
      const [claim] = await rows('select code, state from claim where id::text = $1', [req.params.id]);
      res.status(claim ? 200 : 404).json(claim ?? {});
    });
    router.get(
      '/leaks/drafts',
      async (req, res) =>
        void res.json(await rows('select title_en from offer where market_id = $1', [req.open.market.id])),
    );
    router.get('/leaks/search', async (req, res) => {
      const market = req.query.marketId ?? req.open.market.id;
      res.json(
        await rows(`select title_en from offer where market_id::text = $1 and state = 'live'`, [market]),
      );
    });
    router.get('/leaks/exists/offers/:id', async (req, res) => {
      const [offer] = await rows('select market_id, state from offer where id::text = $1', [req.params.id]);
      const isShown = offer?.market_id === req.open.market.id;
      res.status(isShown ? 200 : offer ? 403 : 404).json({});
    });
    router.post('/leaks/claims/:id/redeem', async (req, res) => {
      await rows(
        `update offer set title_en = 'x' where id = (select offer_id from claim where id::text = $1)`,
        [req.params.id],
      );
      res.json({});
    });
    return router;
  }

  before(async () => {
    const holed: Portal = {
      ...partner,
      publicRoutes: [],
      shopperRoutes: [],
    };
    const surface = publicSurface({ routes: [mistakes], operations: [], shoppers: shopperVerifier });
    world = await openWorld({ portals: { partner: { ...holed, publicRoutes: [surface] } } });
    pool = superuserPool(world.portals.database, 2);
    const people = await publicPeople(world.portals);
    const hidden = await secretsOf(world.portals, 'shopper');
    const survey = await surveyPublic(world, people);
    const controls = survey.controls.filter(({ route }) => route.path.includes('/leaks/'));
    assert.equal(new Set(controls.map(({ route }) => route)).size, 5, survey.without.map(keyOf).join(', '));
    crawl = await crawlPartner(
      world,
      { controls },
      {
        lesser: people.key,
        secrets: (_person, { text }, id) => hidden.filter((secret) => secret !== id && text.includes(secret)),
      },
    );
  });
  after(async () => {
    await pool?.end();
    await world?.close();
  });

  const HOLES: [string, string, RegExp][] = [
    ['another shopper’s claim', 'GET /public/v1/leaks/claims/:id', /tells .*(BASX|AMBR)/],
    ['drafts', 'GET /public/v1/leaks/drafts', /tells marker-amber offer title_en/],
    ['a market taken from the query', 'GET /public/v1/leaks/search', /tells marker-basil/],
    ['that a foreign offer exists', 'GET /public/v1/leaks/exists/offers/:id', /foreign ≢ unknown.*403 ≠ 404/],
    ['a write to a foreign row', 'POST /public/v1/leaks/claims/:id/redeem', /changed offer\//],
  ];
  for (const [name, route, pattern] of HOLES) {
    it(`reports ${name}`, () => {
      const reported = crawl.findings.filter((finding) => finding.route === route).map(({ what }) => what);
      assert.ok(
        reported.some((what) => pattern.test(what)),
        `${route}: ${reported.join('\n') || 'nothing'}`,
      );
    });
  }
});
