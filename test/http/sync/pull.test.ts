import assert from 'node:assert/strict';
import pg from 'pg';
import { ensureSyncEpoch } from '../../../server/db/setup/sync-epoch.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { type ClaimOptions, insertClaims } from '../../support/sync.ts';
import { pairedTill, type TestTill } from '../../support/till.ts';
import { TillView } from '../../support/till-view.ts';
import { amber, basil, type MarketFixture, partnerScope } from '../../support/two-markets.ts';

describe('pull', () => {
  let portals: TestPortals;
  let till: TestTill;
  let elsewhere: TestTill;
  let client: pg.Client;

  before(async () => {
    portals = await startPortals();
    client = new pg.Client(portals.database.superuserUrl);
    await client.connect();
    // What the fixture writes past the triggers counts from here on.
    await client.query('select app.begin_sync_epoch()');
    till = await pairedTill(portals, amber);
    elsewhere = await pairedTill(portals, amber, { branch: amber.secondBranch });
  });
  after(async () => {
    await client.end();
    await portals.close();
  });

  const claims = (number = 1, options: ClaimOptions = {}, market: MarketFixture = amber) =>
    insertClaims(client, market, number, options);
  const db = () => portals.partner.deps.database.scoped(partnerScope(amber));
  const setBranches = (offerId: string, branches: readonly string[]) =>
    db().$transaction(async (tx) => {
      await tx.offerBranch.deleteMany({ where: { offerId } });
      await tx.offerBranch.createMany({ data: branches.map((branchId) => ({ offerId, branchId })) });
    });
  const approve = (id: string) =>
    client.query(
      `update offer set decision = 'approved', decision_digest = content_digest, decided_at = now() where id = $1`,
      [id],
    );

  it('begins with the market, the branch, live offers and their claims, and nothing of anybody else', async () => {
    const view = new TillView();
    await view.pull(till);
    assert.deepEqual([...view.of('market').keys()], [amber.marketId]);
    assert.deepEqual([...view.of('branches').keys()], [amber.branch]);
    assert.deepEqual([...view.of('offers').keys()], [amber.liveOffer]);
    assert.ok(view.of('claims').size >= 3);
    assert.doesNotMatch(JSON.stringify([...view.things.values()]), /basil|shopper/);
    const [claim] = view.of('claims').values();
    assert.deepEqual(Object.keys(claim as object).sort(), [
      ...['claimedAt', 'code', 'currency', 'expiresAt', 'offerId', 'price', 'redeemedAt', 'state'],
      ...['titleAr', 'titleEn'],
    ]);
  });

  it('pages through everything once, and asks for no page twice', async () => {
    await claims(23);
    const whole = await new TillView().pull(till);
    const paged = new TillView();
    let pages = 0;
    let seen = 0;
    for (let more = true; more; pages++) {
      const page = await paged.pullPage(till, 5);
      assert.ok(page.changes.length <= 5);
      seen += page.changes.length;
      more = page.more;
    }
    assert.deepEqual(paged.sorted(), whole.sorted());
    assert.equal(seen, whole.things.size);
    assert.equal(pages, Math.ceil(seen / 5));
  });

  it('tells only what has changed, and each thing once', async () => {
    const view = await new TillView().pull(till);
    assert.deepEqual((await view.pullPage(till)).changes, []);
    const [claim] = await claims();
    for (let index = 0; index < 5; index++)
      await client.query(`update market set name_en = 'marker-amber ${index}' where id = $1`, [
        amber.marketId,
      ]);
    const { changes } = await view.pullPage(till);
    assert.deepEqual(
      changes.map(({ id }) => id),
      [claim!.id, amber.marketId],
    );
  });

  it('takes an offer with its claims from a branch that loses it, brings them to one that gets it', async () => {
    const [first, second] = [await new TillView().pull(till), await new TillView().pull(elsewhere)];
    const before = first.of('claims').size;
    assert.equal(second.of('claims').size, before);
    await setBranches(amber.liveOffer, [amber.branch]);
    await Promise.all([first.pull(till), second.pull(elsewhere)]);
    assert.equal(first.of('claims').size, before);
    assert.equal(second.of('claims').size, 0);
    assert.equal(second.of('offers').size, 0);
    await setBranches(amber.liveOffer, [amber.secondBranch]);
    await Promise.all([first.pull(till), second.pull(elsewhere)]);
    assert.equal(first.of('claims').size, 0);
    assert.equal(second.of('claims').size, before);
    await setBranches(amber.liveOffer, []);
    await Promise.all([first.pull(till), second.pull(elsewhere)]);
    assert.equal(first.of('claims').size, before);
    assert.equal(second.of('claims').size, before);
  });

  it('never mentions to a branch what was never there, however its branches are written anew', async () => {
    await setBranches(amber.spareOffer, [amber.secondBranch]);
    await approve(amber.spareOffer);
    const [claim] = await claims(1, { offerId: amber.spareOffer });
    await setBranches(amber.spareOffer, [amber.secondBranch]);
    await client.query(`update offer set ended_at = now() where id = $1`, [amber.spareOffer]);
    const raw = JSON.stringify(await new TillView().pullRaw(till));
    assert.ok(!raw.includes(amber.spareOffer));
    assert.ok(!raw.includes(claim!.id));
    assert.ok(JSON.stringify(await new TillView().pullRaw(elsewhere)).includes(claim!.id));
  });

  it('deletes what has ended and what is gone', async () => {
    const view = await new TillView().pull(till);
    await client.query(`update offer set ended_at = now() where id = $1`, [amber.liveOffer]);
    const [claim] = await claims();
    await view.pull(till);
    assert.ok(!view.of('offers').has(amber.liveOffer));
    assert.ok(view.of('claims').has(claim!.id), 'a claim outlives its offer');
    await client.query(`update offer set ended_at = null where id = $1`, [amber.liveOffer]);
    await client.query('delete from claim where id = $1', [claim!.id]);
    await view.pull(till);
    assert.ok(view.of('offers').has(amber.liveOffer));
    assert.ok(!view.of('claims').has(claim!.id));
    assert.deepEqual(view.sorted(), (await new TillView().pull(till)).sorted());
  });

  it('refuses a cursor of another branch, epoch or token, and what never was one', async () => {
    const { cursor } = await new TillView().pullPage(till);
    const ask = async (by: TestTill, value: string) => {
      const { status, body } = await by.get(`/pull?cursor=${value}`);
      return [status, body.code];
    };
    const refused = [409, 'cursor-refused'];
    assert.deepEqual(await ask(elsewhere, cursor), refused);
    for (const text of [
      'x',
      'W10',
      'bnVsbA',
      Buffer.from('["a",1,"b"]').toString('base64url'),
      '-'.repeat(399),
    ])
      assert.deepEqual(await ask(till, text), refused, text);
    assert.equal((await till.get(`/pull?limit=501`)).status, 422);
    assert.equal((await till.get(`/pull?limit=0`)).status, 422);
    assert.equal((await till.get(`/pull?since=1`)).status, 422);
    await client.query('select app.begin_sync_epoch()');
    assert.deepEqual(await ask(till, cursor), refused);
  });

  it('waits while the order of changes is another cluster’s, and goes on in a new epoch', async () => {
    await client.query('update sync_epoch set system = system + 1');
    const answer = await till.get('/pull');
    assert.equal(answer.status, 503);
    assert.equal(answer.body.code, 'sync-unready');
    assert.equal(await ensureSyncEpoch(portals.database.superuserUrl), true);
    assert.equal(await ensureSyncEpoch(portals.database.superuserUrl), false);
    assert.ok((await new TillView().pull(till)).things.size > 3);
  });

  it('of a market that was stopped moves no cursor', async () => {
    const view = await new TillView().pull(till);
    await client.query(`update market set state = 'suspended' where id = $1`, [amber.marketId]);
    const [claim] = await claims();
    assert.equal((await till.get(`/pull?cursor=${view.cursor}`)).status, 403);
    await client.query(`update market set state = 'active' where id = $1`, [amber.marketId]);
    await view.pull(till);
    assert.ok(view.of('claims').has(claim!.id));
  });

  describe('while transactions end out of order', () => {
    const other: pg.Client[] = [];
    before(async () => {
      for (let index = 0; index < 4; index++) {
        other.push(new pg.Client(portals.database.superuserUrl));
        await other[index]!.connect();
      }
    });
    after(() => Promise.all(other.map((each) => each.end())));

    /** Begins, writes, and leaves the transaction open. */
    async function hold(by: pg.Client, id: string): Promise<void> {
      await by.query('begin');
      await by.query(`select app.touch_thing($1, $2, 'claims', $3)`, [amber.marketId, id, amber.liveOffer]);
    }

    it('misses nothing; a cursor over a plain sequence would, and one that minds no running transaction', async () => {
      const made = await claims(40);
      await client.query('create sequence naive; create table naive_change (place bigint, id uuid)');
      const view = await new TillView().pull(till);
      let naive = 0;
      const { rows: before } = await client.query('select max(xid) as xid from sync_change');
      let hasty = Number(before[0].xid);
      const heard = { real: new Set<string>(), naive: new Set<string>(), hasty: new Set<string>() };
      const listen = async () => {
        for (const { id } of (await view.pullPage(till, 500)).changes) heard.real.add(id);
        const { rows } = await client.query<{ place: string; id: string }>(
          'select * from naive_change where place > $1 order by place',
          [naive],
        );
        for (const { place, id } of rows) {
          naive = Math.max(naive, Number(place));
          heard.naive.add(id);
        }
        const changes = await client.query<{ xid: string; row_id: string }>(
          'select xid, row_id from sync_change where market_id = $1 and xid > $2 order by xid',
          [amber.marketId, hasty],
        );
        for (const { xid, row_id: id } of changes.rows) {
          hasty = Math.max(hasty, Number(xid));
          heard.hasty.add(id);
        }
      };
      for (let round = 0; round < made.length; round += 4) {
        for (const [index, by] of other.entries()) {
          await hold(by, made[round + index]!.id);
          await by.query(`insert into naive_change values (nextval('naive'), $1)`, [made[round + index]!.id]);
        }
        // The last to begin ends first, and the till pulls between any two.
        for (const by of other.toReversed()) {
          await by.query('commit');
          await listen();
        }
      }
      await listen();
      assert.deepEqual(
        made.filter(({ id }) => !heard.real.has(id)),
        [],
      );
      for (const cursor of ['naive', 'hasty'] as const)
        assert.ok(
          made.some(({ id }) => !heard[cursor].has(id)),
          `the ${cursor} cursor was expected to miss some`,
        );
    });

    it('writers of different things wait for nobody, and a till for the oldest of them alone', async () => {
      const made = await claims(4);
      const view = await new TillView().pull(till);
      for (const [index, by] of other.entries()) await hold(by, made[index]!.id);
      await other[3]!.query('commit');
      assert.deepEqual((await view.pullPage(till)).changes, []);
      for (const by of other.slice(0, 3)) await by.query('rollback');
      const { changes } = await view.pullPage(till);
      assert.deepEqual(
        changes.map(({ id }) => id),
        [made[3]!.id],
      );
    });

    it('a transaction that only reads holds up nothing', async () => {
      await other[0]!.query('begin transaction isolation level repeatable read; select count(*) from claim');
      const view = await new TillView().pull(till);
      const [claim] = await claims();
      await view.pull(till);
      assert.ok(view.of('claims').has(claim!.id));
      await other[0]!.query('commit');
    });
  });

  it('of another market no row ever comes', async () => {
    await claims(5, {}, basil);
    assert.doesNotMatch(JSON.stringify(await new TillView().pullRaw(till)), /basil/);
  });
});
