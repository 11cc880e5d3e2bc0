import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import { Client } from 'pg';
import { partner } from '../../../server/portals/partner.ts';
import { partnerLogin, staffLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { openSession, runOut, SUPPORT_COOKIE, setConsent } from '../../support/support-sessions.ts';
import { amber } from '../../support/two-markets.ts';

/** What a test's own routes wait for between their two reads. */
const pause = { between: async (): Promise<void> => undefined };

/** In the place of real addresses, because a support session sees no others. */
function pausedRoutes(): Router {
  const router = Router();
  router.get('/usage', async (req, res) => {
    const first = await req.db.offer.count();
    await pause.between();
    res.json({ first, second: await req.db.offer.count() });
  });
  router.get('/analytics/hours.csv', async (req, res) => {
    const length = Number(req.query.length);
    const lines = async function* () {
      yield `${await req.db.offer.count()},${'x'.repeat(length)}\n`;
      await pause.between();
      yield `${await req.db.offer.count()}\n`;
    };
    res.attachment('hours.csv').type('text/csv');
    await pipeline(Readable.from(lines(), { objectMode: false }), res);
  });
  return router;
}

describe('a support session that ends between two statements of a request', function () {
  this.timeout(60_000);
  let portals: TestPortals;
  before(async () => {
    const routes = [pausedRoutes, ...partner.routes];
    portals = await startPortals({ env: { RECEIPTS: 'on' }, portals: { partner: { ...partner, routes } } });
  });
  beforeEach(() => setConsent(portals, 'always'));
  after(() => portals?.close());

  type End = { text: RegExp; code: string; end(id: string): Promise<unknown> };
  const ends: Record<string, End> = {
    'its time': {
      ...{ text: /The support session has ended.*Its time has run out/s, code: 'support-expired' },
      end: (id) => runOut(portals, id),
    },
    'the market': {
      ...{ text: /The support session has ended.*The market has stopped it/s, code: 'support-stopped' },
      end: async (id) => {
        const owner = await portals.signIn(partnerLogin('amber', 'owner'));
        await owner.get(`/access-log/${id}`);
        assert.equal((await owner.submit(`/access-log/${id}/stop`)).status, 303);
      },
    },
    'an operator': {
      ...{ text: /The support session has ended.*an operator, has ended it/s, code: 'support-ended' },
      end: async (id) => {
        const operator = await portals.signIn(staffLogin('operator'));
        await operator.get(`/support-sessions/${id}`);
        assert.equal((await operator.submit(`/support-sessions/${id}/end`)).status, 303);
      },
    },
  };

  /** Holds a request at its read of a table until something else has happened. */
  async function heldAt<Answer>(table: string, request: () => Promise<Answer>, then: () => Promise<unknown>) {
    const holder = new Client({ connectionString: portals.database.superuserUrl });
    await holder.connect();
    try {
      await holder.query(`begin; lock table ${table} in access exclusive mode`);
      const answer = request();
      const waiting = `select 1 from pg_locks where not granted and relation = '${table}'::regclass`;
      for (let i = 0; (await portals.sql(waiting)).length === 0; i++) {
        assert.ok(i < 200, `no request came to ${table}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      await then();
      await holder.query('commit');
      return await answer;
    } finally {
      await holder.end();
    }
  }

  for (const [who, { text, code, end }] of Object.entries(ends)) {
    // Found before and empty behind; and not even found.
    for (const table of ['offer_decision', 'offer']) {
      it(`is answered as ended by ${who}, at the read of ${table}, and not with what was found until then`, async () => {
        const { agent, id } = await openSession(portals);
        const answer = await heldAt(
          table,
          () => agent.get(`/offers/${amber.offer}`),
          () => end(id),
        );
        assert.equal(answer.status, 403);
        assert.match(answer.text, text);
        assert.ok(!answer.text.includes('marker-') && !/support-bar|class="rail"/.test(answer.text));
        assert.ok(answer.text.includes(answer.headers['x-request-id']!));
        assert.ok(!agent.cookies.has(SUPPORT_COOKIE));
        const [receipt] = await portals.sql(
          'select status, route, support_session_id from receipt where id = $1',
          [answer.headers['x-request-id']],
        );
        assert.deepEqual(receipt, { status: 403, route: '/offers/:id', support_session_id: id });
      });
    }

    it(`is a problem document for a program when ended by ${who}`, async () => {
      const { agent, id } = await openSession(portals);
      pause.between = async () => void (await end(id));
      const other = agent.copy();
      const answer = await agent.get('/usage', { Accept: 'application/json' });
      assert.equal(answer.status, 403);
      assert.match(answer.headers['content-type']!, /application\/problem\+json/);
      assert.equal(answer.body.code, code);
      assert.equal(answer.body.instance, `urn:uuid:${answer.headers['x-request-id']}`);
      assert.ok(answer.body.detail.length > 60 && !('first' in answer.body));
      const again = await other.get('/usage', { Accept: 'application/json' });
      assert.deepEqual([again.status, again.body.code], [403, code]);
    });

    it(`sends no file that ${who} has cut short`, async () => {
      const { agent, id } = await openSession(portals);
      pause.between = async () => void (await end(id));
      const answer = await agent.get('/analytics/hours.csv?length=10');
      assert.equal(answer.status, 403);
      assert.match(answer.text, text);
      assert.equal(answer.headers['content-disposition'], undefined);
      assert.match(answer.headers['content-type']!, /^text\/html/);
    });
  }

  it('breaks a long file off that has begun to go out, so that nobody takes it for whole', async () => {
    const { agent, id } = await openSession(portals);
    pause.between = async () => void (await runOut(portals, id));
    await assert.rejects(
      agent.get('/analytics/hours.csv?length=1500000'),
      /aborted|socket hang up|ECONNRESET/,
    );
  });

  it('changes nothing about answers of sessions that go on', async () => {
    const { agent } = await openSession(portals);
    pause.between = async () => undefined;
    const counts = await agent.get('/usage');
    assert.deepEqual(counts.body, { first: 4, second: 4 });
    for (const length of [10, 1_500_000]) {
      const file = await agent.get(`/analytics/hours.csv?length=${length}`);
      assert.equal(file.status, 200);
      assert.equal(file.text, `4,${'x'.repeat(length)}\n4\n`);
    }
    const head = await agent.raw('head', '/offers').set('Accept', 'text/html');
    assert.equal(head.status, 200);
    assert.equal((await agent.get('/analytics/days.csv')).status, 200);
  });
});
