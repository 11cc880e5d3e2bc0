import assert from 'node:assert/strict';
import { jobClient } from '../../../server/jobs/job-scope.ts';
import { startPartnerJobs } from '../../../server/jobs/partner-jobs.ts';
import type { Scope } from '../../../server/market/scope.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { check, reach, selected, upload, uploaded } from '../../support/imports.ts';
import { amber, basil, type MarketFixture, partnerScope } from '../../support/two-markets.ts';

const UNKNOWN = '01900000-0000-7000-8000-00000000dead';

describe('Imports of another market', () => {
  let portals: TestPortals;
  let here: Browser;
  let there: Browser;
  /** Basil's checked import, with a problem in it. */
  let foreign: string;
  let stopJobs: () => Promise<void>;

  const csv = (market: MarketFixture) =>
    `Handle,Title,Price\nkey-1,${market.marker} pen,10\nkey-2,${market.marker} ink,ten-${market.marker}\n`;

  before(async () => {
    portals = await startPortals();
    stopJobs = await startPartnerJobs(portals.partner.deps);
    here = await portals.signIn(partnerLogin('amber', 'manager'));
    there = await portals.signIn(partnerLogin('basil', 'manager'));
    foreign = await uploaded(there, csv(basil), `${basil.marker}.csv`);
    await check(there, foreign);
  });
  after(async () => {
    await stopJobs();
    await portals.close();
  });

  const place = (payload: object) =>
    portals.partner.deps.queue.add('import', payload, JSON.stringify(payload));
  const settled = async () => {
    for (let tries = 0; tries < 200; tries++) {
      const [row] = await portals.sql<{ count: number }>(
        'select count(*)::int as count from graphile_worker._private_jobs',
      );
      if (row?.count === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('jobs did not end');
  };
  const state = async (id: string) =>
    (await portals.sql<{ state: string }>('select state from import_job where id = $1', [id]))[0]?.state;
  const imported = (market: MarketFixture) =>
    portals.sql<{ title_en: string }>(
      `select title_en from offer where market_id = $1 and import_key like 'key-%'`,
      [market.marketId],
    );

  it('answers a foreign id, an unknown one and a malformed one alike, on every page and by every method', async () => {
    const form = { ...selected((await there.get(`/imports/${foreign}/mapping`)).text) };
    const ways: [string, (id: string) => Promise<{ status: number; text: string }>][] = [
      ['page', (id) => here.get(`/imports/${id}`)],
      ['mapping', (id) => here.get(`/imports/${id}/mapping`)],
      ['problems', (id) => here.get(`/imports/${id}/problems`)],
      ['problems.csv', (id) => here.get(`/imports/${id}/problems.csv`)],
      ['check', (id) => here.submit(`/imports/${id}/mapping`, form)],
      ['run', (id) => here.submit(`/imports/${id}/run`)],
      ['cancellation', (id) => here.submit(`/imports/${id}/cancellation`)],
    ];
    const bare = (text: string) =>
      text
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|not-an-id|_csrf" value="[^"]+/g, '')
        .replace(/nonce="[^"]+"/g, '');
    for (const [name, ask] of ways) {
      const [one, other, third] = [await ask(foreign), await ask(UNKNOWN), await ask('not-an-id')];
      assert.deepEqual([one.status, other.status, third.status], [404, 404, 404], name);
      assert.equal(bare(one.text), bare(other.text), name);
      assert.equal(bare(one.text), bare(third.text), name);
      assert.doesNotMatch(one.text, new RegExp(basil.marker));
    }
    const token = await portals.token(partnerLogin('amber', 'owner'));
    for (const path of ['', '/problems']) {
      const answers = await Promise.all(
        [foreign, UNKNOWN, 'not-an-id'].map((id) => here.api('get', `/imports/${id}${path}`, { token })),
      );
      assert.deepEqual(
        answers.map(({ status, body }) => [status, body.code]),
        Array(3).fill([404, 'not-found']),
      );
    }
    assert.equal(await state(foreign), 'checked');
  });

  it('shows nothing of it in the list, in JSON, or in the CSV of problems', async () => {
    const own = await uploaded(here, csv(amber));
    await check(here, own);
    const token = await portals.token(partnerLogin('amber', 'owner'));
    const answers = [
      await here.get('/imports?q=marker'),
      await here.get(`/imports/${own}`),
      await here.get(`/imports/${own}/problems.csv`),
      await here.api('get', '/imports', { token, query: { limit: '100' } }),
      await here.api('get', `/imports/${own}/problems`, { token }),
    ];
    for (const { status, text } of answers) {
      assert.equal(status, 200);
      assert.doesNotMatch(text, new RegExp(basil.marker));
    }
    assert.match(answers[2]!.text, new RegExp(`ten-${amber.marker}`), 'its own problems are there');
  });

  it('keeps keys of two markets apart: the same key is two offers', async () => {
    const own = await uploaded(here, csv(amber));
    await check(here, own);
    await here.submit(`/imports/${own}/run`);
    await reach(portals.sql, own, 'done');
    assert.deepEqual(await imported(amber), [{ title_en: `${amber.marker} pen` }]);
    assert.deepEqual(await imported(basil), []);
  });

  describe('jobs with a forged payload', () => {
    beforeEach(() =>
      portals.sql(
        `update import_job set state = 'queued', processed = 0, created = 0, updated = 0, failed = 0 where id = $1`,
        [foreign],
      ),
    );

    for (const [name, payload] of [
      [
        'another market’s import under one’s own market',
        () => ({ marketId: amber.marketId, memberId: amber.manager, importId: foreign }),
      ],
      [
        'one’s own member in another market',
        () => ({ marketId: basil.marketId, memberId: amber.manager, importId: foreign }),
      ],
      [
        'another market’s member in one’s own',
        () => ({ marketId: amber.marketId, memberId: basil.manager, importId: foreign }),
      ],
      ['an analyst', () => ({ marketId: basil.marketId, memberId: basil.analyst, importId: foreign })],
      ['a market that is none', () => ({ marketId: UNKNOWN, memberId: basil.manager, importId: foreign })],
      ['no ids at all', () => ({ marketId: "' or true --", memberId: null, importId: { not: '' } })],
    ] as const) {
      it(`do nothing: ${name}`, async () => {
        await place(payload());
        await settled();
        assert.equal(await state(foreign), 'queued');
        assert.deepEqual(await imported(basil), []);
      });
    }

    it('do nothing for a member who was removed or demoted, or in a market that is suspended', async () => {
      const payload = { marketId: basil.marketId, memberId: basil.manager, importId: foreign };
      for (const [off, on] of [
        [
          `update team_member set state = 'removed' where id = '${basil.manager}'`,
          `update team_member set state = 'active' where id = '${basil.manager}'`,
        ],
        [
          `update team_member set role = 'analyst' where id = '${basil.manager}'`,
          `update team_member set role = 'manager' where id = '${basil.manager}'`,
        ],
        [
          `update market set state = 'suspended' where id = '${basil.marketId}'`,
          `update market set state = 'active' where id = '${basil.marketId}'`,
        ],
      ]) {
        await portals.sql(off!);
        await place(payload);
        await settled();
        assert.equal(await state(foreign), 'queued', off);
        assert.deepEqual(await imported(basil), [], off);
        await portals.sql(on!);
      }
    });

    it('get no client at all where the member may not write, before the database is asked to refuse', async () => {
      const { database } = portals.partner.deps;
      const client = (marketId: string, memberId: string) =>
        jobClient(database, { marketId, memberId }, 'test');
      assert.equal((await client(amber.marketId, amber.manager))?.scope.actor.role, 'manager');
      assert.equal((await client(amber.marketId, amber.owner))?.scope.actor.role, 'owner');
      assert.equal(await client(amber.marketId, amber.analyst), null);
      assert.equal(await client(amber.marketId, basil.manager), null);
      assert.equal(await client(UNKNOWN, amber.manager), null);
    });

    it('and the true one does its work, so that the others were refused for what they are', async () => {
      await place({ marketId: basil.marketId, memberId: basil.manager, importId: foreign });
      await reach(portals.sql, foreign, 'done');
      assert.deepEqual(await imported(basil), [{ title_en: `${basil.marker} pen` }]);
    });
  });

  describe('an analyst', () => {
    it('reads imports and can start none', async () => {
      const own = await uploaded(here, csv(amber));
      const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
      const page = await analyst.get(`/imports/${own}`);
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.text, /action="\/imports/);
      assert.equal((await analyst.get('/imports/new')).status, 403);
      assert.equal((await analyst.get(`/imports/${own}/mapping`)).status, 403);
      assert.equal((await upload(analyst, csv(amber))).status, 403);
      for (const step of ['mapping', 'run', 'cancellation'])
        assert.equal((await analyst.submit(`/imports/${own}/${step}`)).status, 403);
      assert.equal(await state(own), 'uploaded');
    });

    it('is refused by the database too', async () => {
      const own = await uploaded(here, csv(amber));
      const db = portals.partner.deps.database.scoped(partnerScope(amber, 'analyst') as Scope);
      await assert.rejects(
        db.importJob.createMany({
          data: [{ id: UNKNOWN, fileName: 'x', headers: [], mapping: {}, memberId: amber.analyst }],
        }),
      );
      assert.equal(
        (await db.importJob.updateMany({ where: { id: own }, data: { state: 'queued' } })).count,
        0,
      );
      await assert.rejects(
        db.importError.createMany({ data: [{ id: UNKNOWN, importId: own, row: 1, column: 'x', code: 'x' }] }),
      );
      await assert.rejects(db.offer.createMany({ data: [{ id: UNKNOWN, importKey: 'x', currency: 'SAR' }] }));
      assert.equal(await state(own), 'uploaded');
    });
  });

  it('a manager’s client can’t write into another market’s import', async () => {
    const db = portals.partner.deps.database.scoped(partnerScope(amber, 'manager'));
    assert.equal(
      (await db.importJob.updateMany({ where: { id: foreign }, data: { failure: 'x' } })).count,
      0,
    );
    await assert.rejects(
      db.importError.createMany({
        data: [{ id: UNKNOWN, importId: foreign, row: 1, column: 'x', code: 'x' }],
      }),
    );
    assert.equal((await db.importError.deleteMany({ where: { importId: foreign } })).count, 0);
  });
});
