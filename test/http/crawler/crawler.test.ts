import assert from 'node:assert/strict';
import { addressOf } from '../../support/crawler/ask.ts';
import { type Control, type Survey, survey } from '../../support/crawler/controls.ts';
import { coverageLine, disagreements, findingLines, shareOf } from '../../support/crawler/coverage.ts';
import { crawlAdmin, crawlPartner } from '../../support/crawler/crawl.ts';
import { essence, leaksIn } from '../../support/crawler/judge.ts';
import { keyOf } from '../../support/crawler/routes.ts';
import { openWorld, type World } from '../../support/crawler/world.ts';
import { basil } from '../../support/two-markets.ts';

const LEAST_COVERED = 0.95;
const say = (line: string) => process.stdout.write(`      ${line}\n`);

describe('crawler', function () {
  this.timeout(1_200_000);
  let world: World;
  const surveys = {} as Record<'admin' | 'partner', Survey>;
  before(async () => {
    world = await openWorld();
  });
  after(() => world?.close());

  for (const portal of ['admin', 'partner'] as const) {
    it(`${portal}: makes nearly every route work for its own people before attacking it`, async () => {
      surveys[portal] = await survey(world, portal);
      say(coverageLine(surveys[portal]));
      assert.ok(shareOf(surveys[portal]) >= LEAST_COVERED, coverageLine(surveys[portal]));
    });

    it(`${portal}: router table, links and OpenAPI document agree`, () => {
      assert.deepEqual(disagreements(surveys[portal]), []);
    });
  }

  it('partner: no page that anybody of Amber can find holds anything of Basil', () => {
    const found = Object.entries(surveys.partner.visits).flatMap(([person, { pages }]) =>
      pages.flatMap(({ address, answer }) =>
        leaksIn(answer, world.ids).map((leak) => `${person} ${address} ${leak}`),
      ),
    );
    assert.deepEqual(found, []);
  });

  it('the markers are there to be found: Basil sees its own', async () => {
    const { rival } = world.people;
    for (const path of ['/offers', '/branches', '/team', '/audit', '/api/v1/offers', '/api/v1/branches']) {
      const answer = await rival.send({ method: 'GET', path });
      assert.ok(leaksIn(answer, world.ids).includes('marker-basil'), path);
    }
  });

  it('partner: foreign ids in path, query, body, arrays and objects, by every method, reach nothing', async () => {
    const crawl = await crawlPartner(world, surveys.partner);
    say(`partner: ${crawl.requests} requests`);
    assert.deepEqual(findingLines(crawl), []);
  });

  it('admin: ids under the wrong market, and of other staff, are unknown ones', async () => {
    const crawl = await crawlAdmin(world, surveys.admin);
    say(`admin: ${crawl.requests} requests`);
    assert.deepEqual(findingLines(crawl), []);
  });

  it('admin: support staff change nothing but what is their own', async () => {
    // Whether the trail is whole is a question; who asked it stays beside the answer.
    const own =
      /^\/(profile|sign-out)|\/sessions\/current$|^(\/api\/v1)?\/support-sessions|^(\/api\/v1)?\/audit\/verification$/;
    const lookUp = /\/shopper-lookups$/;
    const wrong: string[] = [];
    for (const { route, person, ask } of surveys.admin.controls) {
      if (route.method === 'GET' || person.name !== 'operator' || own.test(route.path)) continue;
      const { status } = await world.people.support.send(ask);
      const changed = await world.reset();
      // Support may look a shopper up; what that leaves is the note that it was done.
      if (
        lookUp.test(route.path) &&
        status === 200 &&
        changed.every((row) => /^audit_(entry|link|head)\//.test(row))
      )
        continue;
      if (status !== 403 || changed.length > 0) wrong.push(`${keyOf(route)}: ${status}, ${changed}`);
    }
    assert.deepEqual(wrong, []);
  });

  it('partner: a cursor of the other market’s list opens none of its rows', async () => {
    const { owner, rival } = world.people;
    let tried = 0;
    for (const { route, queryNames } of surveys.partner.controls) {
      if (!queryNames.includes('cursor') || route.params.length > 0) continue;
      const page = await rival.send({ method: 'GET', path: route.path, query: [['limit', '1']] });
      const next = /[?&;]cursor=([\w-]+)|"next":"([\w-]+)"/.exec(page.text);
      const cursor = next?.[1] ?? next?.[2];
      if (!cursor) continue;
      tried++;
      const query = [['limit', '1'] as const, ['cursor', cursor] as const];
      const answer = await owner.send({ method: 'GET', path: route.path, query });
      assert.deepEqual([keyOf(route), answer.status, leaksIn(answer, world.ids)], [keyOf(route), 200, []]);
    }
    assert.ok(tried >= 3, `only ${tried} lists have a next page`);
  });

  // Figures carry no marker: that they count no foreign row shows when the foreign rows are gone.
  it('partner: what Amber reads is the same without Basil', async () => {
    // Some reads leave a trace, which later reads would show.
    const reads: Control[] = [];
    for (const control of surveys.partner.controls.filter(({ route }) => route.method === 'GET')) {
      await control.person.send(control.ask);
      if ((await world.reset()).length === 0) reads.push(control);
    }
    assert.ok(reads.length > 40);
    const readAll = () =>
      Promise.all(
        reads.map(async ({ person, ask }) => essence(await person.send(ask), { ask, id: '-' }, world.ids)),
      );
    const before = await readAll();
    await world.rows.remove(basil.marketId);
    try {
      const after = await readAll();
      const differing = reads.filter((_, index) => before[index] !== after[index]);
      assert.deepEqual(
        differing.map(({ ask }) => addressOf(ask)),
        [],
      );
    } finally {
      await world.reset();
    }
  });
});
