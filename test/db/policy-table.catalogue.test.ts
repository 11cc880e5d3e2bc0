import assert from 'node:assert/strict';
import pg from 'pg';
import { access } from '../../server/db/access/declaration.ts';
import { appFunctions } from '../../server/db/access/functions.ts';
import { type Login, loginNames } from '../../server/db/setup/roles.ts';
import { accessLines, declaredLines } from '../support/policy-table/catalogue.ts';
import { ROLES } from '../support/policy-table/check.ts';
import { columnBreaches } from '../support/policy-table/columns.ts';
import { NOBODY } from '../support/policy-table/expectation.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';

const LOGINS = loginNames;

/** Functions that do something, and the one login that may ask for it; null: triggers alone. */
const ONE_LOGIN: readonly [name: string, login: Login | null][] = [
  ['app.accept_invitation', 'bulkhead_partner_gate'],
  ['app.open_invitation', 'bulkhead_partner_gate'],
  ['app.pair_device', 'bulkhead_partner_gate'],
  ['app.keep_event_partitions', 'bulkhead_partner_gate'],
  ['app.publish_benchmarks', 'bulkhead_partner_gate'],
  ['app.roll_up', 'bulkhead_partner'],
  ['app.check_rollup', 'bulkhead_partner'],
  ['app.market_of_slug', 'bulkhead_public'],
  ['app.erase_shopper', 'bulkhead_public'],
  ['app.claim_message', 'bulkhead_partner'],
  ['app.confirm_messages', 'bulkhead_partner'],
  ['app.settle_message', 'bulkhead_partner'],
  ['app.opt_out', 'bulkhead_public'],
  ['app.opt_out_link', 'bulkhead_public'],
  ['app.reserve_messages', null],
  ['app.return_messages', null],
  ['app.drop_queued_messages', null],
  ['app.plant_decoy', 'bulkhead_partner'],
  ['app.take_claim', null],
  ['app.redeem_claim', null],
  ['app.record_claim_event', null],
  ['app.queue_rollup', null],
  ['app.counted_events', null],
  ['app.new_claim_code', null],
  ['app.settle_redemptions', null],
  ['app.use_leases', null],
  ['app.set_reach', null],
  ['app.begin_sync_epoch', null],
  ['app.issue_lease', 'bulkhead_device'],
  ['app.settle_lease', 'bulkhead_device'],
  ['app.prune_audit', 'bulkhead_admin_gate'],
  ['app.link_entry', null],
];

describe('policies and grants in the catalogue', () => {
  let database: SeededDatabase;
  let client: pg.Client;

  before(async () => {
    database = await seededDatabase();
    client = new pg.Client(database.superuserUrl);
    await client.connect();
  });
  after(async () => {
    await client?.end();
    await database?.drop();
  });

  const names = async (sql: string, values: unknown[] = []): Promise<string[]> =>
    (await client.query<{ name: string }>(sql, values)).rows.map(({ name }) => name);

  it('are exactly the declared ones', async () => {
    const actual = await accessLines(client);
    assert.ok(actual.length > 200);
    assert.deepEqual(actual, await declaredLines(client));
  });

  it('show row-level security enabled and forced on every table', async () => {
    const lines = (await accessLines(client)).filter((line) => line.includes('row security'));
    const { rowCount: partitions } = await client.query(
      `select from pg_inherits join pg_class on pg_class.oid = inhrelid where relkind = 'r'`,
    );
    assert.ok(partitions! > 12);
    assert.equal(lines.length, Object.keys(access).length + partitions!);
    const right = /: owner bulkhead_owner, row security t, forced t$/;
    assert.deepEqual(
      lines.filter((line) => !right.test(line)),
      [],
    );
  });

  it('hold nothing but SELECT, INSERT, UPDATE and DELETE, none of it to PUBLIC or grantable', async () => {
    const grants = (await accessLines(client)).filter((line) => line.includes(': grant '));
    const right =
      /: grant (SELECT|INSERT|UPDATE|DELETE)( \(\w+\))? to bulkhead_(admin|partner|public|device|admin_gate|partner_gate|context|statistics|limits|sync|messenger|decoy|chain)$/;
    assert.ok(grants.length > 200);
    assert.deepEqual(
      grants.filter((line) => !right.test(line)),
      [],
    );
  });

  it('let no role update the column that says whose row it is', async () => {
    const lines = await accessLines(client);
    const keys = Object.entries(access).map(
      ([table, { marketKey }]) => `${table}: grant UPDATE (${marketKey})`,
    );
    assert.deepEqual(
      lines.filter((line) => keys.some((key) => line.startsWith(key))),
      [],
    );
  });

  it('agree with what the database answers about each single column', async () => {
    await client.query(
      `do $$ begin create role ${NOBODY} nologin noinherit; exception when duplicate_object then null; end $$`,
    );
    await client.query(`grant usage on schema public to ${NOBODY}`);
    const { asked, breaches } = await columnBreaches(client, ROLES);
    assert.ok(asked > 3000);
    assert.deepEqual(breaches, []);
  });

  it('keep an offer’s decision and generated state out of a partner’s reach', async () => {
    const kept = [
      'decision',
      'decision_digest',
      'decision_reason',
      'decided_at',
      'state',
      'content_digest',
      'search_text',
    ];
    const writable = await names(
      `select attname as name from pg_attribute where attrelid = 'offer'::regclass and attname = any($1)
       and (has_column_privilege('bulkhead_partner', attrelid, attnum, 'UPDATE')
         or has_column_privilege('bulkhead_partner', attrelid, attnum, 'INSERT'))`,
      [kept],
    );
    assert.deepEqual(writable, []);
  });

  for (const role of LOGINS) {
    it(`give ${role} no CREATE, no TEMP, no foreign server and nothing of its own`, async () => {
      const held = await names(
        `select 'create in ' || nspname as name from pg_namespace where has_schema_privilege($1, oid, 'CREATE') and nspname <> all($2)
         union all select 'use of vault' where has_schema_privilege($1, 'vault', 'USAGE')
         union all select p from unnest(array['CREATE', 'TEMP']) as p where has_database_privilege($1, current_database(), p)
         union all select srvname from pg_foreign_server
         union all select extname from pg_extension where extname <> 'plpgsql'
         union all select 'sequence ' || relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace
         union all select 'owns ' || relname from pg_class join pg_namespace n on n.oid = relnamespace
           where pg_get_userbyid(relowner) = $1 and nspname <> all($2) and nspname <> 'pg_toast'
         union all select 'member of ' || roleid::regrole from pg_auth_members where member = $1::regrole`,
        // The queue's schema belongs to the gate, which serves no request under a scope.
        [role, role === 'bulkhead_partner_gate' ? ['graphile_worker'] : []],
      );
      assert.deepEqual(held, []);
    });
  }

  it('leave the functions of schema app to those who need them, and no default privileges behind', async () => {
    const open = await names(
      `select p.oid::regprocedure::text as name from pg_proc p
       where pronamespace = 'app'::regnamespace and has_function_privilege('public', p.oid, 'EXECUTE')
       union all select 'default privileges of ' || defaclrole::regrole from pg_default_acl`,
    );
    assert.deepEqual(open, []);
    const executors = await names(
      `select p.oid::regprocedure::text || ' by ' || r.rolname as name from pg_proc p, pg_roles r
       where pronamespace = 'app'::regnamespace and rolname = any($1) and has_function_privilege(r.oid, p.oid, 'EXECUTE')
       order by 1`,
      [LOGINS],
    );
    const declared = Object.entries(appFunctions).flatMap(([name, { executors: roles }]) =>
      roles
        .filter((role) => (LOGINS as readonly string[]).includes(role))
        .map((role) => `${name} by ${role}`),
    );
    assert.deepEqual(executors, declared.sort());
    // What acts for somebody is the business of one login each.
    for (const [name, login] of ONE_LOGIN) {
      assert.deepEqual(
        executors.filter((line) => line.startsWith(`${name}(`)).map((line) => line.split(' by ')[1]),
        login === null ? [] : [login],
        name,
      );
    }
  });

  it('know no security definer function but those that are meant to be, each with its path pinned', async () => {
    const definers = await names(
      `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = pronamespace
       where prosecdef and nspname not in ('pg_catalog', 'information_schema')
         and (proconfig = '{"search_path=pg_catalog, pg_temp"}' or prolang = (select oid from pg_language where lanname = 'sql'))
       order by 1`,
    );
    const { rowCount } = await client.query(
      `select from pg_proc p join pg_namespace n on n.oid = pronamespace
       where prosecdef and nspname not in ('pg_catalog', 'information_schema')`,
    );
    assert.equal(rowCount, definers.length);
    assert.deepEqual(definers, [
      'app.accept_invitation(text,uuid,text)',
      'app.begin_messages(uuid)',
      'app.begin_sync_epoch()',
      'app.cancel_messages(uuid)',
      'app.chain_entry()',
      'app.chain_platform_entry()',
      'app.check_limits()',
      'app.check_rollup(date,date)',
      'app.claim_message(uuid,uuid,text)',
      'app.claims()',
      'app.confirm_messages(uuid,timestamp with time zone,integer)',
      'app.count_cohorts()',
      'app.count_live_offers()',
      'app.count_messages(uuid[])',
      'app.count_standing()',
      'app.device_branch_id()',
      'app.device_market_id()',
      'app.end_leases()',
      'app.end_support_session(uuid,uuid,text)',
      'app.erase_shopper()',
      'app.event_months()',
      'app.expire_support_sessions()',
      'app.finish_messages(uuid)',
      'app.issue_lease(integer)',
      'app.keep_event_partitions(integer,integer,integer)',
      'app.keep_unproved()',
      'app.lose_messages(uuid,interval)',
      'app.market_of_slug(text)',
      'app.note_branch()',
      'app.note_claim()',
      'app.note_claims()',
      'app.note_market()',
      'app.note_offer()',
      'app.note_offer_branch()',
      'app.note_support_read()',
      'app.open_invitation(text)',
      'app.open_support_session(text,text)',
      'app.opt_out(text)',
      'app.opt_out_link(uuid,text)',
      'app.pair_device(text,jsonb,text,text,text)',
      'app.pause_messages(uuid,text,timestamp with time zone)',
      'app.plant_decoy()',
      'app.prune_audit(uuid,integer)',
      'app.public_market_id()',
      'app.publish_benchmarks(date)',
      'app.queue_rollup()',
      'app.record_claim_event()',
      'app.record_message(uuid,uuid,text,text,text)',
      'app.record_redemptions()',
      'app.redeem_claim()',
      'app.renew_sync_epoch()',
      'app.resolve_message(uuid,text)',
      'app.return_quota(text,date,integer)',
      'app.roll_up(integer)',
      'app.settle_lease(uuid)',
      'app.settle_message(uuid,text,text,timestamp with time zone,text)',
      'app.settle_redemptions()',
      'app.support_link_fate(text)',
      'app.support_session_fate(uuid,uuid)',
      'app.support_session_of(text)',
      'app.sync_epoch()',
      'app.sync_quota()',
      'app.take_claim()',
      'app.take_quota(text,integer,timestamp with time zone)',
      'app.till_market_id()',
      'app.touch_limits()',
      'app.try_quota(text,integer,timestamp with time zone)',
    ]);
  });
});
