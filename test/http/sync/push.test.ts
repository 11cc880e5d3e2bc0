import assert from 'node:assert/strict';
import { v7 as uuid } from 'uuid';
import { withClient } from '../../../server/db/setup/connect.ts';
import type { Result } from '../../../server/sync/sync.answers.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { type ClaimOptions, insertClaims, redemptionOf } from '../../support/sync.ts';
import { pairedTill, type TestTill } from '../../support/till.ts';
import { amber, basil, type MarketFixture } from '../../support/two-markets.ts';

const HOUR = 3_600_000;

interface ClaimRow {
  readonly state: string;
  readonly device_id: string | null;
  readonly redeemed_by: string | null;
  readonly branch_id: string | null;
  readonly claimed_at: Date;
  readonly redeemed_at: Date | null;
}

type RedemptionRow = { readonly skew_ms: string; readonly device_at: Date };

describe('push', () => {
  let portals: TestPortals;
  let till: TestTill;
  let second: TestTill;

  before(async () => {
    portals = await startPortals();
    till = await pairedTill(portals, amber);
    second = await pairedTill(portals, amber, { name: 'Till 2' });
  });
  after(() => portals.close());

  const claims = (number = 1, options: ClaimOptions = {}, market: MarketFixture = amber) =>
    withClient(portals.database.superuserUrl, (client) => insertClaims(client, market, number, options));
  const push = async (by: TestTill, ...operations: object[]) => {
    const answer = await by.post('/push', { operations });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.results as Result[];
  };
  const rowOf = async (id: string) =>
    (await portals.sql<ClaimRow>('select * from claim where id = $1', [id]))[0]!;

  it('redeems a claim once, with its till, its branch, one audit entry and one event', async () => {
    const [claim] = await claims();
    const operation = redemptionOf(claim!.code);
    const [first] = await push(till, operation);
    assert.equal(first!.status, 'applied');
    for (let again = 0; again < 3; again++) assert.deepEqual(await push(till, operation), [first]);
    const row = await rowOf(claim!.id);
    assert.equal(row.state, 'redeemed');
    assert.equal(row.device_id, till.deviceId);
    assert.equal(row.redeemed_by, null);
    assert.equal(row.branch_id, amber.branch);
    const audits = await portals.sql(`select * from audit_entry where subject_id = $1`, [claim!.id]);
    assert.equal(audits.length, 1);
    const events = await portals.sql(
      `select * from offer_event where kind = 'redeem' and occurred_at = $1 and market_id = $2`,
      [row.redeemed_at, amber.marketId],
    );
    assert.equal(events.length, 1);
  });

  it('of two tills lets the first win and keeps the other as a conflict', async () => {
    const [claim] = await claims();
    const [first] = await push(till, redemptionOf(claim!.code));
    const operation = redemptionOf(claim!.code);
    const [other] = await push(second, operation);
    assert.deepEqual(other, {
      ...{ id: operation.id, status: 'conflict', kind: 'redeemed', redeemedBy: 'till' },
      redeemedAt: first!.redeemedAt,
    });
    const [stored] = await portals.sql('select * from redemption where id = $1', [operation.id]);
    assert.equal(stored!.state, 'conflict');
  });

  it('tells a till that it had redeemed the code itself, within a batch too', async () => {
    const [claim] = await claims();
    const results = await push(till, redemptionOf(claim!.code), redemptionOf(claim!.code));
    assert.deepEqual(
      results.map(({ status, redeemedBy }: Result) => [status, redeemedBy]),
      [
        ['applied', undefined],
        ['conflict', 'self'],
      ],
    );
  });

  it('never lets the portal and a till both win', async () => {
    const [claim] = await claims();
    await push(till, redemptionOf(claim!.code));
    await assert.rejects(
      portals.partner.deps.database
        .scoped((await import('../../support/two-markets.ts')).partnerScope(amber))
        .claim.updateMany({ where: { id: claim!.id }, data: { state: 'redeemed', branchId: amber.branch } }),
      { sqlState: 'BH004' },
    );
  });

  it('keeps what is cancelled, expired by the corrected clock, unknown or another branch’s', async () => {
    const soon = new Date(Date.now() - HOUR);
    const [late] = await claims(1, { expiresAt: soon });
    const [inTime] = await claims(1, { expiresAt: soon });
    const [gone] = await claims();
    await portals.sql(
      `set session_replication_role = replica; update claim set state = 'cancelled' where id = '${gone!.id}'; set session_replication_role = origin`,
    );
    const [elsewhere] = await claims(1, { offerId: amber.offer });
    await portals.sql(`update sync_reach set holds = false where offer_id = '${amber.offer}'`);
    const results = await push(
      till,
      redemptionOf(late!.code),
      redemptionOf(inTime!.code, { at: new Date(Date.now() - 2 * HOUR) }),
      redemptionOf(gone!.code),
      redemptionOf('NOSVCHXX'),
      redemptionOf(elsewhere!.code),
    );
    assert.deepEqual(
      results.map(({ status, kind }: Result) => kind ?? status),
      ['expired', 'applied', 'cancelled', 'unknown', 'unknown'],
    );
    const kinds = await portals.sql<{ kind: string }>(`select kind from redemption where id = $1`, [
      results[4]!.id,
    ]);
    assert.equal(kinds[0]!.kind, 'elsewhere');
  });

  it('takes the skew of hours out of the time, keeps both, and stays within the claim’s life and now', async () => {
    for (const hours of [-9, 7]) {
      const [claim] = await claims();
      const really = Date.now() - 2 * HOUR;
      const operation = redemptionOf(claim!.code, { at: new Date(really + hours * HOUR) });
      const clock = new Date(Date.now() + hours * HOUR).toISOString();
      const answer = await till.post('/push', { operations: [operation], state: { clock, queueDepth: 1 } });
      const redeemedAt = Date.parse(answer.body.results[0].redeemedAt);
      assert.ok(Math.abs(redeemedAt - really) < 5_000, String(redeemedAt - really));
      const [row] = await portals.sql<RedemptionRow>('select * from redemption where id = $1', [
        operation.id,
      ]);
      assert.ok(Math.abs(Number(row!.skew_ms) - hours * HOUR) < 5_000);
      assert.equal(row!.device_at.getTime(), really + hours * HOUR);
    }
    const [claim] = await claims();
    const [future] = await push(till, redemptionOf(claim!.code, { at: new Date('2100-01-01') }));
    assert.ok(Date.parse(future!.redeemedAt!) <= Date.now() + 1_000);
    const [other] = await claims();
    const [past] = await push(till, redemptionOf(other!.code, { at: new Date('1970-01-01') }));
    assert.equal(Date.parse(past!.redeemedAt!), (await rowOf(other!.id)).claimed_at.getTime());
  });

  it('refuses an id that stands for something else: the item, and the request when it is alone', async () => {
    const [one, other] = await claims(2);
    const operation = redemptionOf(one!.code);
    await push(till, operation);
    const changed = redemptionOf(other!.code, { id: operation.id });
    const alone = await till.post('/push', { operations: [changed] });
    assert.equal(alone.status, 422);
    assert.equal(alone.body.code, 'operation-mismatch');
    assert.equal(alone.body.results[0].status, 'mismatch');
    const results = await push(till, changed, redemptionOf(other!.code));
    assert.deepEqual(
      results.map(({ status }: Result) => status),
      ['mismatch', 'applied'],
    );
  });

  it('reads each operation by itself: a broken one holds up no other', async () => {
    const [claim] = await claims();
    const results = await push(
      till,
      ...[{}, { id: 'x' }, { ...redemptionOf('A'), collection: 'offers' }],
      redemptionOf(claim!.code),
      ...[null as never, { ...redemptionOf(claim!.code), id: uuid().replace(/-7/, '-4') }],
    );
    assert.deepEqual(
      results.map(({ status }: Result) => status),
      ['invalid', 'invalid', 'invalid', 'applied', 'invalid', 'invalid'],
    );
    assert.equal(results[2]!.errors![0]!.field, 'collection');
  });

  it('bounds a batch and names what is wrong with it', async () => {
    const many = await till.post('/push', {
      operations: Array.from({ length: 501 }, () => redemptionOf('X')),
    });
    assert.equal(many.status, 422);
    assert.equal(many.body.errors[0].field, 'operations');
    for (const body of [
      {},
      { operations: 'x' },
      { operations: [], more: 1 },
      { operations: [], state: { clock: 'x' } },
    ]) {
      assert.equal((await till.post('/push', body)).status, 422);
    }
  });

  it('speaks one version of the protocol and says so', async () => {
    const answer = await till.ask({ path: '/pull', headers: { 'Bulkhead-Sync': '2' } });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.code, 'sync-version');
    assert.equal(answer.headers.get('Bulkhead-Sync'), '1');
  });

  it('of another market knows nothing, and tells nothing apart', async () => {
    const [claim] = await claims(1, {}, basil);
    const [foreign] = await push(till, redemptionOf(claim!.code));
    const [unknown] = await push(till, redemptionOf('NOSVCHXY'));
    assert.deepEqual({ ...foreign, id: '' }, { ...unknown, id: '' });
    assert.equal((await rowOf(claim!.id)).state, 'open');
  });
});
