import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createDatabase, type Database } from '../../server/db/client.ts';
import { LimitReachedError } from '../../server/db/db.errors.ts';
import { sql } from '../../server/db/direct.ts';
import type { ImportDetail } from '../../server/imports/imports.queries.ts';
import type { Product } from '../../server/imports/read-product.ts';
import { submitImported } from '../../server/imports/submit-imported.ts';
import { superuserPool } from '../support/database.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../support/http.ts';
import { ROUNDS, rush, type Way, WRITERS, within } from '../support/limit-rush.ts';
import { insertReadyOffers } from '../support/plan-limits.ts';
import { amber, fixtureId, partnerScope } from '../support/two-markets.ts';

describe(`limits of plans under ${WRITERS} writers, ${ROUNDS} rounds each`, function () {
  this.timeout(20_000 * ROUNDS);
  let portals: TestPortals;
  let database: Database;
  let client: pg.Client;
  let pool: pg.Pool;
  let token: string;
  let browser: Browser;

  before(async () => {
    portals = await startPortals({ env: { DB_POOL_SIZE: '16' } });
    database = createDatabase({
      url: portals.database.url('bulkhead_partner'),
      key: portals.database.contextKeys.partner[0]!,
      poolSize: 20,
    });
    client = new pg.Client(portals.database.superuserUrl);
    await client.connect();
    // The fixture's own limits of the market would stand before the plan's.
    await client.query('delete from limit_override');
    pool = superuserPool(portals.database, 16);
    token = await portals.token(partnerLogin('amber', 'owner'));
    browser = portals.partner.browser();
    // As another room's function takes of a quota: of the context's owner, on behalf of a login.
    await client.query(`
      create function app.test_take() returns integer language sql security definer set search_path = pg_catalog, pg_temp
        return app.take_quota('messages', 1, now());
      alter function app.test_take() owner to bulkhead_context;
      grant execute on function app.test_take() to bulkhead_partner`);
  });
  after(async () => {
    await Promise.all([client?.end(), pool?.end(), database?.close()]);
    await portals?.close();
  });

  const direct = () => database.direct(partnerScope(amber, 'owner'));
  const db = () => database.scoped(partnerScope(amber, 'owner'));
  const count = async (text: string): Promise<number> =>
    (await client.query(`select count(*)::int as n from ${text} and market_id = $1`, [amber.marketId]))
      .rows[0].n;
  const cap = (column: string, value: number) => client.query(`update plan set ${column} = ${value}`);

  async function api(path: string, body?: object): Promise<boolean> {
    const answer = await browser.api('post', path, { token, ...(body ? { body } : {}) });
    if (answer.status < 300) return true;
    if (answer.body.code !== 'plan-limit') throw Object.assign(new Error(answer.text), answer.body);
    assert.equal(answer.status, 409);
    assert.equal(answer.body.use >= answer.body.cap, true, answer.text);
    return false;
  }
  const raw = (statement: Parameters<ReturnType<typeof direct>['affected']>[0]) =>
    within(() => direct().affected(statement));

  interface Rushed {
    readonly limit: string;
    readonly column: string;
    /** What there is, as a table and a condition. */
    readonly counted: string;
    readonly ways: readonly Way[];
    readonly prepare?: () => Promise<void>;
  }

  const branch = () => ({ nameEn: 'Rush', nameAr: 'زحام' });
  let ready: string[] = [];

  const rushes: readonly Rushed[] = [
    {
      limit: 'branches',
      column: 'max_branches',
      counted: "branch where state = 'open'",
      ways: [
        () => api('/branches', branch()),
        () =>
          raw(sql`insert into branch (market_id, id, name_en, name_ar, updated_at)
            values (${amber.marketId}, ${randomUUID()}, 'Rush', 'ز', now())`),
        async () => {
          const id = randomUUID();
          await pool.query(
            `insert into branch (market_id, id, name_en, name_ar, state, updated_at) values ($1, $2, 'Shut', 'م', 'closed', now())`,
            [amber.marketId, id],
          );
          return raw(
            sql`update branch set state = 'open' where market_id = ${amber.marketId} and id = ${id}`,
          );
        },
      ],
    },
    {
      limit: 'members',
      column: 'max_team_members',
      counted: "team_member where state in ('active', 'invited')",
      ways: [
        (turn) => api('/team', { name: 'Rush', email: `a${turn}@example.test`, role: 'analyst' }),
        (turn) =>
          raw(sql`insert into team_member (market_id, id, email, name, role, state)
            values (${amber.marketId}, ${randomUUID()}, ${`s${turn}@example.test`}, 'Rush', 'analyst', 'invited')`),
      ],
    },
    {
      limit: 'live_offers',
      column: 'max_live_offers',
      counted: "offer where state in ('live', 'submitted') and coalesce(ends_at > now(), true)",
      prepare: async () => {
        ready = await insertReadyOffers(client, amberRows, WRITERS, fixtureId('category', 'shared'));
        await client.query(`update offer set import_key = 'k-' || id where id = any($1)`, [ready]);
      },
      ways: [
        () => api(`/offers/${ready.pop()}/submission`),
        () =>
          raw(sql`update offer set submission = submission + 1, is_submitted = true
            where market_id = ${amber.marketId} and id = ${ready.pop()!}`),
        async () => {
          const id = ready.pop()!;
          await submitImported(db(), importJob, [productOf(id)], new Date());
          return (
            (await pool.query('select state from offer where id = $1', [id])).rows[0].state === 'submitted'
          );
        },
      ],
    },
    {
      limit: 'devices',
      column: 'max_devices',
      counted: "device where state = 'active'",
      // Pairing is a function of its own room; whoever writes the row, it is counted.
      ways: [
        () =>
          within(async () => {
            await pool
              .query(
                `insert into device (market_id, id, branch_id, name, public_key, thumbprint, created_by) values ($1, $2, $3, 'Till', '{}', 't', $4)`,
                [amber.marketId, randomUUID(), amber.branch, amber.owner],
              )
              .catch((error) => {
                throw error.code === 'BH010' ? new LimitReachedError(error.message) : error;
              });
          }),
      ],
    },
    {
      limit: 'messages',
      column: 'max_messages',
      counted:
        "(select market_id from limit_use, generate_series(1, used) where name = 'messages' and period > '2026-06-01') as taken where true",
      ways: [() => within(() => direct().rows(sql`select app.test_take() as left`))],
    },
  ];

  const amberRows = { id: amber.marketId, branches: [amber.branch], images: [fixtureId('image', 'amber')] };
  const importJob = {
    id: fixtureId('import_job', 'amber'),
    headers: ['Key'],
    mapping: { handle: 0 },
  } as unknown as ImportDetail;
  const productOf = (id: string) =>
    ({ key: `k-${id}`, row: 2, problems: [], isHidden: false }) as unknown as Product;

  for (const { limit, column, counted, ways, prepare } of rushes) {
    it(`${limit}: never one over, never one under`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await prepare?.();
        const before = await count(counted);
        const room = 1 + Math.floor(Math.random() * (WRITERS - 2));
        await cap(column, before + room);
        const added = await rush(ways, round);
        assert.equal(added, room, `round ${round}: room for ${room}, ${added} were told that they got in`);
        assert.equal(await count(counted), before + room, `round ${round}`);
        const { rows } = await client.query(
          `select sum(used)::int as used from limit_use where market_id = $1 and name = $2 and (period = '1970-01-01' or period > '2026-06-01')`,
          [amber.marketId, limit],
        );
        assert.equal(rows[0].used, before + room);
      }
    });
  }

  it('everything at once: nobody waits for good, and every count is right', async () => {
    await client.query(
      'update plan set max_branches = 100000, max_team_members = 100000, max_live_offers = 100000, max_devices = 100000',
    );
    await rushes.find(({ limit }) => limit === 'live_offers')!.prepare!();
    const deadlocks = async (): Promise<number> =>
      (
        await client.query(
          'select deadlocks::int as n from pg_stat_database where datname = current_database()',
        )
      ).rows[0].n;
    const before = await deadlocks();
    // Rows in one order for all: two statements over the same rows would lock each other out without any counter.
    const close: Way = () =>
      raw(sql`with turn as (
          select id from branch where market_id = ${amber.marketId} and name_en = 'Rush' order by id for update)
        update branch set state = case state when 'open' then 'closed' else 'open' end
        where market_id = ${amber.marketId} and id in (select id from turn)`);
    const submitMany: Way = () =>
      raw(sql`with turn as (
          select id from offer where market_id = ${amber.marketId} and id = any(${ready.slice(0, 10)}::uuid[])
          order by id for update)
        update offer set submission = submission + 1, is_submitted = not is_submitted
        where market_id = ${amber.marketId} and id in (select id from turn)`);
    const changePlan: Way = async () => {
      await pool.query('update plan set max_devices = max_devices + 1, max_branches = max_branches + 1');
      return true;
    };
    const singles = rushes.slice(0, 4).flatMap(({ ways }) => ways);
    // Those that take offers off the list of ready ones would run out of them.
    const ways = [...singles.filter((way) => !rushes[2]!.ways.includes(way)), close, submitMany, changePlan];
    for (let round = 0; round < Math.min(ROUNDS, 8); round++) await rush(ways, 1_000 + round);
    for (const { limit, counted } of rushes.slice(0, 4)) {
      const { rows } = await client.query(
        `select used from limit_use where market_id = $1 and name = $2 and period = '1970-01-01'`,
        [amber.marketId, limit],
      );
      assert.equal(rows[0].used, await count(counted), limit);
    }
    await client.query('select pg_stat_force_next_flush()');
    assert.equal((await deadlocks()) - before, 0);
  });

  // The tests above are worth something only if they notice what they are about.
  const GUARDS: readonly (readonly [limit: string, fn: string, condition: string, without: string])[] = [
    ['branches', 'app.move_limit(uuid,text,integer)', 'and (delta <= 0 or counter.used + delta <= cap)', ''],
    [
      'live_offers',
      'app.move_offers(uuid,timestamptz[],timestamptz[])',
      'if delta > 0 and present > cap then',
      'if false then',
    ],
    ['messages', 'app.take_quota(text,integer,timestamptz)', 'if taken < n then', 'if false then'],
  ];
  for (const [limit, fn, condition, without] of GUARDS) {
    it(`${limit}: too many get in once ${fn.replace(/\(.*/, '')} no longer asks`, async () => {
      const { rows } = await client.query(`select pg_get_functiondef('${fn}'::regprocedure) as source`);
      const source: string = rows[0].source;
      assert.ok(source.includes(condition));
      await client.query(source.replace(condition, without));
      try {
        const { column, counted, ways, prepare } = rushes.find((each) => each.limit === limit)!;
        await prepare?.();
        await cap(column, (await count(counted)) + 5);
        assert.equal(await rush(ways, ROUNDS), WRITERS);
      } finally {
        await client.query(source);
      }
    });
  }

  it('branches: too many get in once the trigger is off', async () => {
    await client.query('alter table branch disable trigger branch_added');
    try {
      const { column, counted, ways } = rushes[0]!;
      await cap(column, (await count(counted)) + 5);
      assert.equal(await rush(ways.slice(0, 2), ROUNDS), WRITERS);
    } finally {
      await client.query('alter table branch enable trigger branch_added');
    }
  });
});
