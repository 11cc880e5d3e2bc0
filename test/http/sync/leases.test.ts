import assert from 'node:assert/strict';
import { withClient } from '../../../server/db/setup/connect.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { insertClaims, redemptionOf } from '../../support/sync.ts';
import { pairedTill, type TestTill } from '../../support/till.ts';
import { amber, partnerScope } from '../../support/two-markets.ts';

describe('leases', () => {
  let portals: TestPortals;
  let tills: TestTill[];

  beforeEach(async () => {
    await portals.sql(`delete from limit_use where name = 'sync_pushes'`);
    await cap(1_000);
    tills = [await pairedTill(portals, amber), await pairedTill(portals, amber)];
  });
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  const cap = (most: number) =>
    portals.sql(
      `update plan set max_sync_pushes = $1 where id = (select plan_id from market where id = $2)`,
      [most, amber.marketId],
    );
  const used = async () =>
    (
      await portals.sql<{ used: number }>(
        `select used from limit_use where name = 'sync_pushes' and market_id = $1`,
        [amber.marketId],
      )
    )[0]?.used ?? 0;
  const lease = async (till: TestTill, count: number) => {
    const answer = await till.post('/leases', { count });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const claims = (number: number) =>
    withClient(portals.database.superuserUrl, (client) => insertClaims(client, amber, number));
  const push = async (till: TestTill, operations: object[]): Promise<string[]> =>
    (await till.post('/push', { operations })).body.results.map(({ status }: { status: string }) => status);
  const tally = (list: readonly string[]) =>
    Object.fromEntries([...new Set(list)].map((each) => [each, list.filter((one) => one === each).length]));

  it('without one the month decides, item by item; what is refused stays with the till', async () => {
    await cap(3);
    const operations = (await claims(5)).map(({ code }) => redemptionOf(code));
    assert.deepEqual(await push(tills[0]!, operations), ['applied', 'applied', 'applied', 'limit', 'limit']);
    assert.equal(await used(), 3);
    assert.deepEqual(await push(tills[0]!, operations), ['applied', 'applied', 'applied', 'limit', 'limit']);
    await cap(4);
    assert.deepEqual(tally(await push(tills[0]!, operations)), { applied: 4, limit: 1 });
    assert.equal(await used(), 4);
  });

  it('is taken out of the month when it is issued, and covers what comes when the month is used up', async () => {
    await cap(10);
    const { leaseId, count } = await lease(tills[0]!, 4);
    assert.equal(count, 4);
    assert.equal(await used(), 4);
    const made = await claims(12);
    assert.deepEqual(
      tally(
        await push(
          tills[1]!,
          made.slice(0, 7).map(({ code }) => redemptionOf(code)),
        ),
      ),
      {
        applied: 6,
        limit: 1,
      },
    );
    const covered = made.slice(7).map(({ code }) => redemptionOf(code, { leaseId }));
    assert.deepEqual(tally(await push(tills[0]!, covered)), { applied: 4, limit: 1 });
    assert.deepEqual(tally(await push(tills[0]!, covered)), { applied: 4, limit: 1 });
    assert.equal(await used(), 10);
  });

  it('accepts at most what it is for, however many requests come at once', async () => {
    await cap(25);
    const { leaseId } = await lease(tills[0]!, 20);
    const operations = (await claims(60)).map(({ code }) => redemptionOf(code, { leaseId }));
    const batches = Array.from({ length: 12 }, (_, index) => operations.slice(index * 5, index * 5 + 5));
    const answers = await Promise.all([...batches, ...batches].map((batch) => push(tills[0]!, batch)));
    const rows = await portals.sql('select from redemption where device_id = $1', [tills[0]!.deviceId]);
    assert.equal(rows.length, 25, 'twenty by the lease, five by the month');
    assert.ok(answers.flat().every((status) => status === 'applied' || status === 'limit'));
    assert.equal(await used(), 25);
  });

  it('asked for again takes nothing twice, and grows to what is asked', async () => {
    const first = await lease(tills[0]!, 30);
    assert.deepEqual(
      { ...(await lease(tills[0]!, 30)), signature: '', expiresAt: '' },
      { ...first, signature: '', expiresAt: '' },
    );
    assert.equal(await used(), 30);
    const made = await claims(10);
    await push(
      tills[0]!,
      made.map(({ code }) => redemptionOf(code, { leaseId: first.leaseId })),
    );
    const grown = await lease(tills[0]!, 30);
    assert.deepEqual([grown.leaseId, grown.count, grown.granted, grown.used], [first.leaseId, 30, 40, 10]);
    assert.equal(await used(), 40);
  });

  it('gives what there is, and says so when there is nothing', async () => {
    await cap(7);
    assert.equal((await lease(tills[0]!, 50)).count, 7);
    const answer = await tills[1]!.post('/leases', { count: 1 });
    assert.equal(answer.status, 409);
    assert.deepEqual(
      [answer.body.code, answer.body.limit, answer.body.use, answer.body.cap],
      ['plan-limit', 'sync_pushes', 7, 7],
    );
  });

  it('settled gives back the rest, once; what comes late counts against the month', async () => {
    const { leaseId } = await lease(tills[0]!, 10);
    const made = await claims(4);
    await push(
      tills[0]!,
      made.slice(0, 3).map(({ code }) => redemptionOf(code, { leaseId })),
    );
    for (let again = 0; again < 3; again++) {
      const { status, body } = await tills[0]!.ask({ method: 'DELETE', path: `/leases/${leaseId}` });
      assert.equal(status, 200);
      assert.deepEqual(body, { leaseId, granted: 10, used: 3, returned: 7 });
    }
    assert.equal(await used(), 3);
    assert.deepEqual(await push(tills[0]!, [redemptionOf(made[3]!.code, { leaseId })]), ['applied']);
    assert.equal(await used(), 4);
  });

  it('late operations count by number and not by time', async () => {
    const { leaseId } = await lease(tills[0]!, 2);
    await portals.sql(`update quota_lease set expires_at = now() - interval '9 days' where id = $1`, [
      leaseId,
    ]);
    await cap(2);
    const made = await claims(3);
    assert.deepEqual(
      await push(
        tills[0]!,
        made.map(({ code }) => redemptionOf(code, { leaseId })),
      ),
      [...['applied', 'applied', 'limit']],
    );
  });

  it('ends with its till: what was not used goes back, and nothing more is taken from it', async () => {
    const { leaseId } = await lease(tills[0]!, 10);
    const [claim, other] = await claims(2);
    await push(tills[0]!, [redemptionOf(claim!.code, { leaseId })]);
    await portals.partner.deps.database
      .scoped(partnerScope(amber))
      .device.updateMany({ where: { id: tills[0]!.deviceId }, data: { state: 'revoked' } });
    assert.equal(await used(), 1);
    const answer = await tills[0]!.post('/push', { operations: [redemptionOf(other!.code, { leaseId })] });
    assert.equal(answer.body.code, 'device-revoked');
  });

  it('of another till covers nothing', async () => {
    await cap(5);
    const { leaseId } = await lease(tills[0]!, 5);
    const [claim] = await claims(1);
    assert.deepEqual(await push(tills[1]!, [redemptionOf(claim!.code, { leaseId })]), ['limit']);
    assert.equal((await tills[1]!.ask({ method: 'DELETE', path: `/leases/${leaseId}` })).status, 404);
    assert.equal((await tills[1]!.ask({ method: 'DELETE', path: '/leases/x' })).status, 404);
    assert.equal((await tills[1]!.post('/leases', { count: 0 })).status, 422);
  });

  it('tells the month’s use with every pull', async () => {
    await cap(50);
    await lease(tills[0]!, 8);
    assert.deepEqual((await tills[1]!.get('/pull?limit=1')).body.quota, { use: 8, cap: 50 });
  });
});
