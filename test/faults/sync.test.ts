import assert from 'node:assert/strict';
import { request } from 'node:http';
import { withClient } from '../../server/db/setup/connect.ts';
import type { Result } from '../../server/sync/sync.answers.ts';
import type { TestDatabase } from '../support/database.ts';
import { buildOnce, type RunningPortal, runPortal, twoMarketsDatabase } from '../support/portal-processes.ts';
import { insertClaims, type MadeClaim, redemptionOf } from '../support/sync.ts';
import { insertCode, TestTill } from '../support/till.ts';
import { amber } from '../support/two-markets.ts';

const ROUNDS = 200;
const publicUrl = 'http://localhost:3001';

describe('tills, with two processes to talk to', function () {
  this.timeout(180_000);
  let database: TestDatabase;
  let portals: RunningPortal[];
  let tills: TestTill[];

  before(async () => {
    await buildOnce();
    database = await twoMarketsDatabase();
    const start = () => runPortal('partner', database, { DB_POOL_SIZE: '6' });
    portals = await Promise.all([start(), start()]);
    tills = await Promise.all(portals.map(pair));
  });
  after(async () => {
    await Promise.all((portals ?? []).map((portal) => portal.stop()));
    await database?.drop();
  });

  const sql = <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
    withClient(database.superuserUrl, async (client) => (await client.query(text, values)).rows as Row[]);
  const claims = (number: number): Promise<MadeClaim[]> =>
    withClient(database.superuserUrl, (client) => insertClaims(client, amber, number));

  async function pair({ url }: RunningPortal): Promise<TestTill> {
    const { code } = await insertCode({ sql }, amber);
    const till = await TestTill.create({ url, publicUrl });
    assert.equal((await till.pair(code)).status, 201);
    return till;
  }

  /** What the two tills are answered for the same claim, pushed by both at once. */
  async function race({ code }: MadeClaim): Promise<string[]> {
    const answers = await Promise.all(
      tills.map((till) => till.post('/push', { operations: [redemptionOf(code)] })),
    );
    return answers.map(({ body }) => body.results[0].status).sort();
  }

  async function raceAll(made: readonly MadeClaim[]): Promise<string[][]> {
    const outcomes: string[][] = [];
    for (const claim of made) outcomes.push(await race(claim));
    return outcomes;
  }

  it(`of two that redeem the same claim, ${ROUNDS} times, one is applied and the other a conflict`, async () => {
    const made = await claims(ROUNDS);
    const outcomes = await raceAll(made);
    assert.deepEqual(
      outcomes.filter((each) => each.join() !== 'applied,conflict'),
      [],
    );
    const [counts] = await sql<Record<string, number>>(
      `select count(*) filter (where state = 'applied')::int as applied, count(*) filter (where state = 'conflict')::int as conflict,
         (select count(*)::int from claim where id = any($1) and state = 'redeemed') as redeemed,
         (select count(*)::int from audit_entry where action = 'claim.redeem' and subject_id = any($2)) as audits
       from redemption where code = any($3)`,
      [made.map(({ id }) => id), made.map(({ id }) => id), made.map(({ code }) => code)],
    );
    assert.deepEqual(counts, { applied: ROUNDS, conflict: ROUNDS, redeemed: ROUNDS, audits: ROUNDS });
  });

  // The test above is worth something only if it notices what it is about.
  it('both are applied once the first no longer wins', async () => {
    const source = await functionText('app.settle_redemptions()');
    const redeem = await functionText('app.redeem_claim()');
    await sql(replaced(source, "when state = 'redeemed' then 'redeemed'", ''));
    await sql(replaced(redeem, "old.state <> 'open' or", ''));
    try {
      const outcomes = await raceAll(await claims(20));
      assert.ok(outcomes.some((each) => each.join() === 'applied,applied'));
    } finally {
      await sql(source);
      await sql(redeem);
    }
  });

  async function functionText(name: string): Promise<string> {
    const [row] = await sql<{ source: string }>('select pg_get_functiondef($1::regprocedure) as source', [
      name,
    ]);
    return row!.source;
  }

  function replaced(source: string, from: string, to: string): string {
    assert.ok(source.includes(from));
    return source.replace(from, to);
  }

  /** Sends a push and hangs up as soon as an answer begins to come. */
  async function unheard(till: TestTill, body: object): Promise<void> {
    const text = JSON.stringify(body);
    const call = { method: 'POST', path: '/push', body } as const;
    const headers = {
      ...{ Authorization: `DPoP ${till.token}`, DPoP: await till.proof(call, text) },
      'Content-Type': 'application/json',
    };
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${till.server.url}/sync/v1/push`, { method: 'POST', agent: false, headers });
      sent.on('error', reject);
      sent.on('response', (answer) => {
        answer.destroy();
        resolve();
      });
      sent.end(text);
    });
  }

  it(`counts each of ${ROUNDS} pushes once whose answers were lost, repeated at the other process`, async () => {
    // A till of its own: what one may ask in a minute is limited.
    const till = await pair(portals[0]!);
    const made = await claims(ROUNDS);
    const operations = made.map(({ code }) => redemptionOf(code));
    for (const operation of operations) await unheard(till, { operations: [operation] });
    const elsewhere = { ...till.server, url: portals[1]!.url };
    const again = Object.assign(await TestTill.create(elsewhere, till.key), {
      ...{ token: till.token, nonce: till.nonce, deviceId: till.deviceId },
    });
    for (const operation of operations) {
      const { body } = await again.post('/push', { operations: [operation] });
      assert.equal(body.results[0].status, 'applied');
    }
    // And all of them once more, in one batch.
    const { body } = await again.post('/push', { operations });
    assert.deepEqual([...new Set(body.results.map(({ status }: Result) => status))], ['applied']);
    const [counts] = await sql<Record<string, number>>(
      `select count(*)::int as rows,
         (select count(*)::int from audit_entry where action = 'claim.redeem' and subject_id = any($2)) as audits,
         (select used from limit_use where name = 'sync_pushes' and market_id = $3 and period = date_trunc('month', now() at time zone 'Asia/Riyadh')) as used,
         (select count(*)::int from redemption as every where every.market_id = $3 and every.receipt <> '' and every.receipt not like 'marker%') as all
       from redemption where id = any($1)`,
      [operations.map(({ id }) => id), made.map(({ id }) => id), amber.marketId],
    );
    assert.equal(counts!.rows, ROUNDS);
    assert.equal(counts!.audits, ROUNDS);
    assert.equal(counts!.used, counts!.all, 'the month is charged once for each');
  });
});
