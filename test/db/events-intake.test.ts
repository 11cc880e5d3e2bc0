import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createDatabase, type Database } from '../../server/db/client.ts';
import { type Direct, sql } from '../../server/db/direct.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { loginNames } from '../../server/db/setup/roles.ts';
import { createIntake, type Intake, type IntakeOptions } from '../../server/events/intake.ts';
import { type ReportedView, writeViews } from '../../server/events/intake-batch.ts';
import { createIntakeCounts } from '../../server/events/intake-counts.ts';
import { signContext } from '../../server/market/context.ts';
import type { Scope } from '../../server/market/scope.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { eventId } from '../support/events.ts';
import { amber, basil, insertTwoMarkets, type MarketFixture, publicScope } from '../support/two-markets.ts';

const REFUSAL = '42501 new row violates row-level security policy for table "offer_event"';

describe('intake of events', () => {
  let test: TestDatabase;
  let client: pg.Client;
  let database: Database;
  const databases: Database[] = [];

  const connect = (options = {}) => {
    const key = test.contextKeys.public[0]!;
    const made = createDatabase({ url: test.url('bulkhead_public'), key, ...options });
    databases.push(made);
    return made;
  };
  before(async () => {
    test = await testDatabase();
    await withClient(test.superuserUrl, insertTwoMarkets);
    client = new pg.Client(test.superuserUrl);
    await client.connect();
    database = connect();
  });
  beforeEach(() => client.query('delete from offer_event'));
  after(async () => {
    await client?.end();
    for (const each of databases) await each.close();
    await test?.drop();
  });

  const none = { store: async () => true, clock: () => new Date(), onError: () => {}, flushMilliseconds: 0 };
  const intakeOf = (options: Partial<IntakeOptions> = {}): Intake =>
    createIntake({ database, counts: createIntakeCounts(none), ...options });
  const view = (changes: Partial<ReportedView> = {}, at = Date.now()): ReportedView => ({
    ...{ id: eventId(at), offerId: amber.liveOffer, branchId: null, visitor: null },
    ...changes,
  });
  const views = (count: number) => Array.from({ length: count }, () => view());
  const stored = async () =>
    (
      await client.query<{ id: string; market_id: string }>(
        'select id, market_id from offer_event order by id',
      )
    ).rows;
  const key = publicScope(amber, 'key');
  /** Statements that wrote something, by the rows' common instant. */
  const statements = async () =>
    (await client.query('select count(*) from offer_event group by received_at, xmin')).rowCount;

  it('writes at once when nothing is under way, and what comes meanwhile in one batch', async () => {
    const intake = intakeOf();
    const all = await Promise.all([
      intake.take(key, views(1)),
      ...Array.from({ length: 50 }, () => intake.take(key, views(3))),
    ]);
    assert.equal(all.flat().filter((outcome) => outcome === 'accepted').length, 151);
    assert.equal((await stored()).length, 151);
    assert.equal(await statements(), 2);
  });

  it('takes more than one statement for what is more than a full batch', async () => {
    const intake = intakeOf();
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => intake.take(key, views(100))));
    assert.deepEqual([...new Set(outcomes.flat())], ['accepted']);
    assert.equal((await stored()).length, 3_000);
    assert.equal(await statements(), 7);
  });

  it('gives each request the outcomes of its own views', async () => {
    const intake = intakeOf();
    const [one, two] = [view(), view()];
    const answers = await Promise.all([
      intake.take(key, [one]),
      intake.take(key, [two, view({ offerId: amber.offer })]),
      intake.take(key, [view({}, Date.now() - 8 * 86_400_000), one, two, view()]),
      intake.take(key, [view({}, Date.now() + 3_600_000)]),
    ]);
    assert.deepEqual(answers, [
      ['accepted'],
      ['accepted', 'unknown'],
      ['late', 'repeated', 'repeated', 'accepted'],
      ['early'],
    ]);
  });

  it('writes one id once, however many processes write it at a time, in whatever order', async () => {
    const intakes = [intakeOf(), intakeOf({ database: connect() }), intakeOf({ database: connect() })];
    const all = views(60);
    for (let round = 0; round < 8; round++) {
      const orders = [all, [...all].reverse(), [...all.slice(30), ...all.slice(0, 30)]];
      const outcomes = await Promise.all(intakes.map((intake, at) => intake.take(key, orders[at]!)));
      assert.equal(outcomes.flat().filter((outcome) => outcome === 'accepted').length, round === 0 ? 60 : 0);
    }
    assert.equal((await stored()).length, 60);
  });

  it('turns away what there is no room for, and loses nothing of the rest', async () => {
    const counted: string[] = [];
    const counts = {
      ...createIntakeCounts(none),
      add: (_market: string, outcome: string, events: number) => void counted.push(`${outcome} ${events}`),
    };
    const intake = intakeOf({ room: 10, counts });
    const results = await Promise.allSettled([
      intake.take(key, views(6)),
      intake.take(key, views(4)),
      intake.take(key, views(1)),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
    );
    const { status, retryAfterSeconds } = (results[2] as PromiseRejectedResult).reason;
    assert.deepEqual([status, retryAfterSeconds], [503, 2]);
    assert.equal((await stored()).length, 10);
    assert.deepEqual(counted.sort(), ['accepted 4', 'accepted 6', 'failed 1']);
    assert.deepEqual(await intake.take(key, views(10)), Array(10).fill('accepted'));
  });

  it('lets no request fail for what is wrong with its neighbour', async () => {
    const month = `offer_event_${new Date(Date.now() - 6 * 86_400_000).toISOString().slice(0, 7).replace('-', '_')}`;
    await client.query(
      `alter table ${month} add constraint refused check (visitor is distinct from '${amber.offer}') not valid`,
    );
    const intake = intakeOf();
    const bad = view({ visitor: amber.offer }, Date.now() - 6 * 86_400_000);
    const results = await Promise.allSettled([
      intake.take(key, views(1)),
      intake.take(key, views(2)),
      intake.take(key, [bad]),
      intake.take(key, views(2)),
    ]);
    await client.query(`alter table ${month} drop constraint refused`);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal((await stored()).length, 5);
  });

  it('holds each scope to what it may do, whoever waits beside it', async () => {
    const intake = intakeOf();
    const scopes: [Scope, MarketFixture][] = [
      [key, amber],
      [publicScope(amber, 'visitor'), amber],
      [publicScope(amber, 'shopper'), amber],
      [publicScope(basil, 'key'), basil],
      [publicScope(amber, 'key', amber.revokedKey), amber],
      [publicScope(amber, 'key', basil.key), amber],
    ];
    const results = await Promise.allSettled(
      scopes.map(([scope, { liveOffer }]) => intake.take(scope, [view({ offerId: liveOffer })])),
    );
    assert.deepEqual(
      results.map((result) => (result.status === 'fulfilled' ? result.value[0] : result.reason.code)),
      ['accepted', 'accepted', 'accepted', 'accepted', 'market-not-active', 'market-not-active'],
    );
  });

  /** What somebody with the public login and a signed context of amber tries, whatever the statement in use would send. */
  const attempts = async (direct: Direct): Promise<string[]> => {
    const theirs = basil.liveOffer;
    const now = () => eventId(Date.now());
    const tries = {
      'another market’s row': sql`insert into offer_event (market_id, id, offer_id, kind, occurred_at)
        select ${basil.marketId}, id, ${theirs}, 'view', app.uuid_time(id) from (select ${now()}::uuid as id) as e`,
      'another market’s offer': sql`insert into offer_event (market_id, id, offer_id, kind, occurred_at)
        select ${amber.marketId}, id, ${theirs}, 'view', app.uuid_time(id) from (select ${now()}::uuid as id) as e`,
      'a draft': sql`insert into offer_event (market_id, id, offer_id, kind, occurred_at)
        select ${amber.marketId}, id, ${amber.offer}, 'view', app.uuid_time(id) from (select ${now()}::uuid as id) as e`,
      'another market’s branch': sql`insert into offer_event (market_id, id, offer_id, branch_id, kind, occurred_at)
        select ${amber.marketId}, id, ${amber.liveOffer}, ${basil.branch}, 'view', app.uuid_time(id) from (select ${now()}::uuid as id) as e`,
      'a claim': sql`insert into offer_event (market_id, id, offer_id, kind, occurred_at)
        select ${amber.marketId}, id, ${amber.liveOffer}, 'claim', app.uuid_time(id) from (select ${now()}::uuid as id) as e`,
      'an old event': sql`insert into offer_event (market_id, id, offer_id, kind, occurred_at)
        select ${amber.marketId}, id, ${amber.liveOffer}, 'view', app.uuid_time(id) from (select ${eventId(Date.now() - 8 * 86_400_000)}::uuid as id) as e`,
    };
    const done: string[] = [];
    for (const [name, statement] of Object.entries(tries)) {
      const refusal = await direct.affected(statement).then(
        () => '',
        ({ sqlState, message }) => `${sqlState} ${message}`,
      );
      // One and the same for unknown, foreign and forbidden things. A foreign key's would come only behind the policy.
      if (refusal !== REFUSAL) done.push(name);
    }
    const [row] = await direct.rows<{ seen: number }>(sql`select count(*) as seen from offer_event`);
    if (row!.seen > 0) done.push(`${row!.seen} events`);
    return done;
  };

  it('is held by policies, not by its statement: nothing else gets in and nothing comes out', async () => {
    await writeViews(database.direct(publicScope(basil, 'key')), [view({ offerId: basil.liveOffer })]);
    await writeViews(database.direct(key), views(2));
    assert.deepEqual(await attempts(database.direct(key)), []);
    assert.equal((await stored()).length, 3);
  });

  it('fails these attempts only because of the guards: without them they get through', async () => {
    const { rows } = await client.query<{ name: string; check: string | null; using: string | null }>(
      `select policyname as name, with_check as check, qual as using from pg_policies
       where tablename = 'offer_event' and policyname like 'public_%' order by 1`,
    );
    await writeViews(database.direct(publicScope(basil, 'key')), [view({ offerId: basil.liveOffer })]);
    await client.query(
      'alter policy public_insert on offer_event with check (true); alter policy public_select on offer_event using (true)',
    );
    try {
      assert.deepEqual(await attempts(database.direct(key)), [
        ...[
          'another market’s row',
          'another market’s offer',
          'a draft',
          'another market’s branch',
          'a claim',
          'an old event',
        ],
        '5 events',
      ]);
    } finally {
      const [insert, select] = rows;
      await client.query(
        `alter policy public_insert on offer_event with check (${insert!.check}); alter policy public_select on offer_event using (${select!.using})`,
      );
    }
  });

  it('takes views of a market that has no open branch', async () => {
    await client.query("update branch set state = 'closed' where market_id = $1", [amber.marketId]);
    try {
      const outcomes = await intakeOf().take(key, [view(), view({ branchId: amber.branch })]);
      assert.deepEqual(outcomes, ['accepted', 'unknown']);
    } finally {
      await client.query("update branch set state = 'open' where market_id = $1 and id = $2", [
        amber.marketId,
        amber.branch,
      ]);
    }
  });

  it('sees of what it wrote only that it wrote it', async () => {
    const direct = database.direct(key);
    const id = eventId(Date.now());
    const written = await direct.rows<{ id: string }>(sql`
      insert into offer_event (market_id, id, offer_id, kind, occurred_at)
      values (${amber.marketId}, ${id}, ${amber.liveOffer}, 'view', app.uuid_time(${id}::uuid)) returning id`);
    assert.deepEqual(written, [{ id }]);
    // Rows of the very millisecond are told (SECURITY.md); a look in the next one finds nothing.
    await pause(5);
    assert.deepEqual(await direct.rows(sql`select id from offer_event`), []);
    await assert.rejects(direct.rows(sql`select offer_id from offer_event`), { sqlState: '42501' });
    await assert.rejects(direct.affected(sql`delete from offer_event`), { sqlState: '42501' });
    await assert.rejects(direct.affected(sql`update offer_event set kind = 'view'`), { sqlState: '42501' });
  });

  it('leaves no way to a partition: old, new, or made a moment ago, by any login under any context', async () => {
    const months = async () =>
      (
        await client.query<{ name: string; held: boolean }>(
          `select inhrelid::regclass::text as name, relrowsecurity and relforcerowsecurity as held
         from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = 'offer_event'::regclass order by 1`,
        )
      ).rows;
    const before = (await months()).map(({ name }) => name);
    const { rows } = await client.query<{ made: string[] }>(
      'select app.keep_event_partitions(15, 5, 120) as made',
    );
    assert.ok(rows[0]!.made.length >= 2);
    const all = await months();
    assert.deepEqual(
      all.filter(({ held }) => !held),
      [],
    );
    assert.deepEqual(
      all.map(({ name }) => name).filter((name) => !before.includes(name)),
      rows[0]!.made.sort(),
    );
    for (const login of loginNames) {
      const session = new pg.Client(test.url(login));
      await session.connect();
      const pid = (session as unknown as { processID: number }).processID;
      const contexts = [null, signContext(key, test.contextKeys.public[0]!, pid)];
      for (const { name } of [...all.slice(0, 2), ...all.slice(-2)]) {
        for (const context of contexts) {
          if (context) await session.query("select set_config('app.context', $1, false)", [context]);
          for (const text of [
            `select * from ${name}`,
            `select count(*) from ${name}`,
            `insert into ${name} (market_id, id, offer_id, kind, occurred_at) values ('${amber.marketId}', gen_random_uuid(), '${amber.liveOffer}', 'view', now())`,
            `update ${name} set kind = 'claim'`,
            `delete from ${name}`,
            `truncate ${name}`,
            `drop table ${name}`,
            `alter table ${name} disable row level security`,
            `alter table offer_event detach partition ${name}`,
          ]) {
            await assert.rejects(session.query(text), { code: '42501' }, `${login}: ${text}`);
          }
        }
      }
      await session.end();
    }
  });
});
