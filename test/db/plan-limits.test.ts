import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createBranch, setBranchState } from '../../server/branches/branches.service.ts';
import type { Database } from '../../server/db/client.ts';
import { type Statement, sql } from '../../server/db/direct.ts';
import { marketJobScope } from '../../server/jobs/job-scope.ts';
import { limitCheckJob } from '../../server/jobs/limit-check.job.ts';
import { decideOffer } from '../../server/offers/moderation.service.ts';
import { findOffer } from '../../server/offers/offers.queries.ts';
import { submitOffer, withdrawOffer } from '../../server/offers/submission.service.ts';
import { planLimitOf } from '../../server/plans/plan-limits.ts';
import { limitUse } from '../../server/plans/usage.queries.ts';
import { inviteMember } from '../../server/team/team.service.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { branchInput, insertReadyOffers, invitationOf } from '../support/plan-limits.ts';
import {
  type ArrangedMarket,
  adminDatabase,
  arrangeMarkets,
  partnerDatabase,
  partnerScope,
  staffScope,
} from '../support/scoped.ts';

describe('limits of plans, in the database', () => {
  let test: TestDatabase;
  let partner: Database;
  let admin: Database;
  let client: pg.Client;
  let market: ArrangedMarket;
  let other: ArrangedMarket;

  before(async () => {
    test = await testDatabase();
    [partner, admin] = [partnerDatabase(test), adminDatabase(test)];
    client = new pg.Client(test.superuserUrl);
    await client.connect();
  });
  beforeEach(async () => {
    await caps({ max_branches: 5, max_live_offers: 50, max_team_members: 5 });
    [market, other] = (await arrangeMarkets(test, 2)) as [ArrangedMarket, ArrangedMarket];
  });
  after(async () => {
    await Promise.all([client?.end(), partner?.close(), admin?.close()]);
    await test?.drop();
  });

  const own = () => partner.scoped(partnerScope(market.id, 'owner', market.members[0]));
  const direct = (of = market) => partner.direct(partnerScope(of.id, 'owner', of.members[0]));
  const now = () => new Date();
  const caps = (values: Record<string, number>) =>
    client.query(
      `update plan set ${Object.entries(values)
        .map(([column, value]) => `${column} = ${value}`)
        .join(', ')}`,
    );
  const counter = async (name: string, of = market): Promise<number> => {
    const { rows } = await client.query(
      `select used from limit_use where market_id = $1 and name = $2 and period = '1970-01-01'`,
      [of.id, name],
    );
    return rows[0]?.used ?? 0;
  };
  const refused = (limit: string, use: number, cap: number) => (error: unknown) => {
    assert.deepEqual(planLimitOf(error), { limit, use, cap, plan: 'basic', upgrade: '/usage' });
    return true;
  };

  it('count what is there from the first row on, each market by itself', async () => {
    assert.deepEqual(
      [await counter('branches'), await counter('members'), await counter('live_offers')],
      [2, 1, 0],
    );
    await createBranch(own(), branchInput());
    assert.deepEqual([await counter('branches'), await counter('branches', other)], [3, 2]);
    await setBranchState(own(), market.branches[0]!, 'closed');
    assert.equal(await counter('branches'), 2);
    await inviteMember(own(), invitationOf('one@b.test'), now());
    assert.equal(await counter('members'), 2);
  });

  it('refuse one more, say what is used, and write nothing', async () => {
    await caps({ max_branches: 2, max_team_members: 1 });
    await assert.rejects(createBranch(own(), branchInput()), refused('branches', 2, 2));
    await assert.rejects(inviteMember(own(), invitationOf('one@b.test'), now()), refused('members', 1, 1));
    assert.equal(await own().branch.count(), 2);
    assert.equal(await own().teamMember.count(), 1);
    assert.equal(await own().auditEntry.count({ where: { action: 'branch.create' } }), 0);
  });

  it('refuse hand-written SQL of the login alike, also for many rows at once', async () => {
    await caps({ max_branches: 4 });
    const insert = (count: number) => sql`
      insert into branch (market_id, id, name_en, name_ar, updated_at)
      select ${market.id}::uuid, gen_random_uuid(), 'B', 'ف', now() from generate_series(1, ${count}::int)`;
    await assert.rejects(direct().affected(insert(3)), refused('branches', 2, 4));
    assert.equal(await direct().affected(insert(2)), 2);
    await direct().affected(sql`update branch set state = 'closed' where market_id = ${market.id}`);
    assert.equal(await counter('branches'), 0);
    await assert.rejects(
      direct().affected(sql`insert into branch (market_id, id, name_en, name_ar, updated_at)
        values (${other.id}, gen_random_uuid(), 'B', 'ف', now())`),
      { sqlState: '42501' },
    );
    assert.equal(await counter('branches', other), 2);
  });

  it('let nobody write a counter, a cap or a quota', async () => {
    for (const statement of [
      sql`update limit_use set used = 0 where market_id = ${market.id}`,
      sql`delete from limit_use where market_id = ${market.id}`,
      sql`update plan set max_branches = 1000`,
      sql`insert into limit_override (market_id, id, name, cap, reason, created_by) values (${market.id}, gen_random_uuid(), 'branches', 1000, 'mine', ${market.members[0]!})`,
      sql`select app.take_quota('messages', 1, now())`,
      sql`select app.return_quota('messages', '2026-11-01', 1000)`,
      sql`select app.move_limit(${market.id}, 'branches', -5)`,
    ])
      await assert.rejects(direct().affected(statement), { sqlState: '42501' });
    assert.deepEqual(
      (
        await direct().rows<{ n: number }>(
          sql`select count(*)::int as n from limit_use where market_id = ${other.id}`,
        )
      )[0],
      { n: 0 },
    );
  });

  it('give a slot from submission until withdrawal, rejection, end or past its end', async () => {
    await caps({ max_live_offers: 2 });
    const [first, second, third] = (await insertReadyOffers(client, market, 3)) as [string, string, string];
    await submitOffer(own(), first, now());
    await submitOffer(own(), second, now());
    await assert.rejects(submitOffer(own(), third, now()), refused('live_offers', 2, 2));
    await withdrawOffer(own(), first, now());
    await submitOffer(own(), third, now());
    assert.equal(await counter('live_offers'), 2);
    const offer = await findOffer(own(), third);
    const verdict = {
      marketId: market.id,
      offerId: third,
      digest: offer.contentDigest,
      reason: 'no',
    } as const;
    await decideOffer(admin.scoped(staffScope('operator')), { ...verdict, decision: 'rejected' }, now());
    assert.equal(await counter('live_offers'), 1);
  });

  it('give the slot of an offer past its end to the next one, without a job', async () => {
    await caps({ max_live_offers: 2 });
    const [first, second, third] = (await insertReadyOffers(client, market, 3)) as [string, string, string];
    await submitOffer(own(), first, now());
    await submitOffer(own(), second, now());
    await assert.rejects(submitOffer(own(), third, now()), refused('live_offers', 2, 2));
    // Time passes, and nobody writes: without triggers, as if the end had stood there from the beginning.
    await client.query('set session_replication_role = replica');
    await client.query(`update offer set ends_at = now() - interval '1 second' where id = $1`, [first]);
    await client.query('set session_replication_role = origin');
    assert.equal((await limitUse(own())).live_offers.use, 1);
    await submitOffer(own(), third, now());
    assert.equal(await counter('live_offers'), 2);
    // Neither the one that is over nor its end is counted a second time.
    await direct().affected(
      sql`update offer set is_submitted = false where market_id = ${market.id} and id = ${first}`,
    );
    assert.equal(await counter('live_offers'), 2);
    await withdrawOffer(own(), second, now());
    assert.equal(await counter('live_offers'), 1);
  });

  it('keep what there is after a downgrade, refuse new ones, and let go', async () => {
    await caps({ max_branches: 1 });
    const { branches } = await limitUse(own());
    assert.deepEqual([branches.use, branches.cap, branches.state], [2, 1, 'over']);
    await assert.rejects(createBranch(own(), branchInput()), refused('branches', 2, 1));
    await setBranchState(own(), market.branches[0]!, 'closed');
    await assert.rejects(setBranchState(own(), market.branches[0]!, 'open'), refused('branches', 1, 1));
    await direct().affected(
      sql`update branch set state = case state when 'open' then 'closed' else 'open' end where market_id = ${market.id}`,
    );
    assert.equal(await counter('branches'), 1);
  });

  it('follow a limit of the market alone while it is in force, the newest first', async () => {
    await caps({ max_branches: 2 });
    const override = (cap: number, starts: string, ends: string | null, of = market) =>
      client.query(
        `insert into limit_override (market_id, id, name, cap, starts_at, ends_at, reason, created_by)
         values ($1, gen_random_uuid(), 'branches', $2, now() + $3::interval, now() + $4::interval, 'why', $5)`,
        [of.id, cap, starts, ends, randomUUID()],
      );
    await override(9, '-2 days', '-1 day');
    await override(9, '1 day', null);
    await override(9, '-1 day', null, other);
    await assert.rejects(createBranch(own(), branchInput()), refused('branches', 2, 2));
    await override(3, '-1 hour', '1 hour');
    await createBranch(own(), branchInput());
    await assert.rejects(createBranch(own(), branchInput()), refused('branches', 3, 3));
    await override(2, '-1 minute', null);
    await assert.rejects(createBranch(own(), branchInput()), refused('branches', 3, 2));
  });

  it('ask for the cap that is committed, in a transaction that began before it too', async () => {
    await caps({ max_branches: 3 });
    for (const level of ['read committed', 'repeatable read']) {
      const writer = new pg.Client(test.superuserUrl);
      await writer.connect();
      await writer.query(`begin isolation level ${level}`);
      await writer.query('select count(*) from branch');
      await caps({ max_branches: 2 });
      const late = writer.query(
        `insert into branch (market_id, id, name_en, name_ar, updated_at) values ($1, gen_random_uuid(), 'B', 'ف', now())`,
        [market.id],
      );
      await assert.rejects(late, { code: level === 'read committed' ? 'BH010' : '40001' });
      await writer.end();
      await caps({ max_branches: 3 });
    }
  });

  it('give back what a transaction had taken that comes to nothing', async () => {
    await client.query('begin');
    await client.query(`update branch set state = 'closed' where market_id = $1`, [market.id]);
    await client.query('rollback');
    assert.equal(await counter('branches'), 2);
    await assert.rejects(
      own().$transaction(async (tx) => {
        await tx.branch.createMany({ data: [{ id: randomUUID(), ...branchInput() }] });
        throw new Error('no');
      }),
      /no/,
    );
    assert.equal(await counter('branches'), 2);
  });

  describe('quotas of a month', () => {
    before(async () => {
      // As another room's function would: of the context's owner, on behalf of a login.
      for (const [name, call] of [
        ['take', "app.take_quota('messages', n, instant)"],
        ['try', "app.try_quota('messages', n, instant)"],
      ])
        await client.query(`
          create function app.test_${name}(n integer, instant timestamptz) returns integer language sql security definer
          set search_path = pg_catalog, pg_temp return ${call};
          alter function app.test_${name}(integer, timestamptz) owner to bulkhead_context;
          grant execute on function app.test_${name}(integer, timestamptz) to bulkhead_partner`);
      await client.query(`
        create function app.test_return(n integer, month date) returns void language sql security definer
        set search_path = pg_catalog, pg_temp return app.return_quota('messages', month, n);
        alter function app.test_return(integer, date) owner to bulkhead_context;
        grant execute on function app.test_return(integer, date) to bulkhead_partner`);
    });
    const ask = async (statement: Statement) => (await direct().rows<{ n: number }>(statement))[0]!.n;
    const take = (n: number, at: string) =>
      ask(sql`select app.test_take(${n}::int, ${at}::timestamptz) as n`);
    const attempt = (n: number, at: string) =>
      ask(sql`select app.test_try(${n}::int, ${at}::timestamptz) as n`);
    const used = async (month: string) =>
      (
        await client.query(
          `select used from limit_use where market_id = $1 and name = 'messages' and period = $2`,
          [market.id, month],
        )
      ).rows[0]?.used;
    const JULY = '2026-07-10T12:00:00Z';

    beforeEach(() => caps({ max_messages: 10 }));

    it('take n and say what is left, or take nothing', async () => {
      assert.equal(await take(4, JULY), 6);
      await assert.rejects(take(7, JULY), refused('messages', 4, 10));
      assert.equal(await take(6, JULY), 0);
      assert.equal(await used('2026-07-01'), 10);
    });

    it('take as many as there are', async () => {
      assert.deepEqual([await attempt(7, JULY), await attempt(7, JULY), await attempt(7, JULY)], [7, 3, 0]);
      await caps({ max_messages: 5 });
      assert.equal(await attempt(1, JULY), 0);
    });

    it('begin anew with the month of the market’s own clock', async () => {
      assert.equal(await take(10, '2026-07-31T20:59:00Z'), 0);
      assert.equal(await take(1, '2026-07-31T21:00:00Z'), 9);
      assert.deepEqual([await used('2026-07-01'), await used('2026-08-01')], [10, 1]);
    });

    it('take back what is returned, and report what was never taken', async () => {
      await take(5, JULY);
      await direct().rows(sql`select app.test_return(3::int, '2026-07-01'::date)`);
      assert.equal(await used('2026-07-01'), 2);
      await direct().rows(sql`select app.test_return(3::int, '2026-07-01'::date)`);
      assert.equal(await used('2026-07-01'), 0);
      const { rows } = await client.query('select recorded, counted from limit_drift where market_id = $1', [
        market.id,
      ]);
      assert.deepEqual(rows, [{ recorded: -1, counted: 0 }]);
    });

    it('refuse what is no quota', async () => {
      await assert.rejects(take(-1, JULY), { code: '22023' });
    });
  });

  describe('the check of the night', () => {
    const check = async () =>
      (
        await partner
          .direct(marketJobScope(market.id, 'check'))
          .rows<{ wrong: number }>(sql`select app.check_limits() as wrong`)
      )[0]!.wrong;
    const drifts = async () =>
      (
        await client.query(
          'select name, recorded, counted, acknowledged_at from limit_drift where market_id = $1 order by name',
          [market.id],
        )
      ).rows;

    it('finds nothing to say of counters that are right', async () => {
      await createBranch(own(), branchInput());
      assert.equal(await check(), 0);
      assert.deepEqual(await drifts(), []);
    });

    it('runs for every market by itself, and goes on after one that fails', async () => {
      await client.query(
        `update limit_use set used = used + 1 where name = 'branches' and market_id = any($1)`,
        [[market.id, other.id]],
      );
      const lines: string[] = [];
      const logger = {
        debug() {},
        info() {},
        warn() {},
        error: (_: object, text: string) => void lines.push(text),
      };
      const countedMarkets = async () => [market.id, 'no id', other.id];
      const run = { attempt: 1, isLastAttempt: false, signal: new AbortController().signal };
      await limitCheckJob({ database: partner, plans: { countedMarkets }, logger })({}, run);
      assert.deepEqual(lines, [
        'counters of limits were wrong',
        'counters of limits could not be checked',
        'counters of limits were wrong',
      ]);
      assert.deepEqual([await counter('branches'), await counter('branches', other)], [2, 2]);
    });

    it('holds quotas against what was pushed and sent, over all months together', async () => {
      const device = '01900000-0000-7000-8000-0000000000d1';
      const campaign = '01900000-0000-7000-8000-0000000000c1';
      await client.query(
        `insert into device (market_id, id, branch_id, name, public_key, thumbprint, created_by)
         select market_id, '${device}', id, 'Till', '{}', 'none', id from branch where market_id = $1 limit 1`,
        [market.id],
      );
      await client.query('set session_replication_role = replica');
      await client.query(
        `insert into redemption (market_id, device_id, id, branch_id, code, body_hash, device_at, receipt, state)
         select market_id, id, ('01900000-0000-7000-8000-00000000000' || n)::uuid, branch_id, 'CODE', 'hash', now(), 'test', 'applied'
         from device, generate_series(1, 3) n where market_id = $1`,
        [market.id],
      );
      await client.query(
        `insert into quota_lease (market_id, id, device_id, period, granted, used, returned, expires_at)
         values ($1, '${device}', '${device}', '2026-06-01', 10, 2, 3, now())`,
        [market.id],
      );
      await client.query(
        `insert into message_recipient (market_id, id, campaign_id, channel, locale, state, period, resent)
         select $1, ('01900000-0000-7000-8000-00000000001' || n)::uuid, '${campaign}', 'email', 'en',
           (array['sent', 'unknown', 'skipped', 'cancelled'])[n], '2026-07-01', (n = 3)::int from generate_series(1, 4) n`,
        [market.id],
      );
      await client.query('set session_replication_role = origin');
      await client.query(
        `insert into limit_use (market_id, name, period, used)
         values ($1, 'sync_pushes', '2026-05-01', 3), ($1, 'sync_pushes', '2026-06-01', 5), ($1, 'messages', '2026-07-01', 3)`,
        [market.id],
      );
      assert.equal(await check(), 0);
      await client.query(
        `update limit_use set used = used - 1 where market_id = $1 and name in ('sync_pushes', 'messages') and used > 3`,
        [market.id],
      );
      await client.query(`update limit_use set used = used + 2 where market_id = $1 and name = 'messages'`, [
        market.id,
      ]);
      assert.equal(await check(), 2);
      assert.deepEqual(
        (await drifts()).map(({ name, recorded, counted }) => [name, counted - recorded]),
        [
          ['messages', -2],
          ['sync_pushes', 1],
        ],
      );
      assert.equal(await check(), 0);
    });

    it('puts a counter right, and keeps what it said', async () => {
      await client.query(`update limit_use set used = used + 3 where market_id = $1 and name = 'branches'`, [
        market.id,
      ]);
      await client.query(`update limit_use set used = -1 where market_id = $1 and name = 'members'`, [
        market.id,
      ]);
      assert.equal(await check(), 2);
      assert.deepEqual(await drifts(), [
        { name: 'branches', recorded: 5, counted: 2, acknowledged_at: null },
        { name: 'members', recorded: -1, counted: 1, acknowledged_at: null },
      ]);
      assert.equal(await check(), 0);
      assert.equal((await drifts()).length, 2);
      assert.deepEqual([await counter('branches'), await counter('branches', other)], [2, 2]);
    });
  });
});
