import assert from 'node:assert/strict';
import pg from 'pg';
import { access } from '../../server/db/access/declaration.ts';
import { accessLines, declaredLines } from '../support/policy-table/catalogue.ts';
import { ROLES } from '../support/policy-table/check.ts';
import { columnBreaches } from '../support/policy-table/columns.ts';
import { NOBODY } from '../support/policy-table/expectation.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';

const LOGINS = ['bulkhead_admin', 'bulkhead_partner', 'bulkhead_admin_gate', 'bulkhead_partner_gate'];

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
    assert.equal(lines.length, Object.keys(access).length);
    const right = /: owner bulkhead_owner, row security t, forced t$/;
    assert.deepEqual(
      lines.filter((line) => !right.test(line)),
      [],
    );
  });

  it('hold nothing but SELECT, INSERT, UPDATE and DELETE, none of it to PUBLIC or grantable', async () => {
    const grants = (await accessLines(client)).filter((line) => line.includes(': grant '));
    const right =
      /: grant (SELECT|INSERT|UPDATE|DELETE)( \(\w+\))? to bulkhead_(admin|partner|admin_gate|partner_gate|context)$/;
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
    const invitations = await names(
      `select r.rolname as name from pg_roles r where rolname like 'bulkhead%' and rolname not in ('bulkhead_context', 'bulkhead_owner')
       and has_function_privilege(r.oid, 'app.accept_invitation(text, uuid)', 'EXECUTE')`,
    );
    assert.deepEqual(invitations, ['bulkhead_partner_gate']);
  });

  it('know no security definer function but the three that are meant to be', async () => {
    const definers = await names(
      `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = pronamespace
       where prosecdef and nspname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    assert.deepEqual(definers, [
      'app.accept_invitation(text,uuid)',
      'app.claims()',
      'app.open_invitation(text)',
    ]);
  });
});
