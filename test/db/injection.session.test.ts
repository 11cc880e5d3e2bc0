import assert from 'node:assert/strict';
import pg from 'pg';
import { createDatabase, type Database } from '../../server/db/client.ts';
import { Prisma } from '../../server/db/generated/client.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { ensureRoles } from '../../server/db/setup/roles.ts';
import { signContext } from '../../server/market/context.ts';
import { testCluster } from '../support/cluster.ts';
import { accessLines } from '../support/policy-table/catalogue.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';
import { amber, basil, partnerScope } from '../support/two-markets.ts';

/**
 * The deepest hole there could be: the partner's login, several statements at once over the simple protocol, no
 * product code around them. The context of the request stands in front of what is injected.
 */
describe('SQL injection with the whole session in hand', () => {
  let database: SeededDatabase;
  let client: pg.Client;

  before(async () => {
    database = await seededDatabase();
  });
  after(() => database?.drop());
  beforeEach(async () => {
    client = new pg.Client(database.url('bulkhead_partner'));
    client.on('error', () => undefined);
    await client.connect();
  });
  afterEach(() => client.end());

  const context = () =>
    signContext(
      partnerScope(amber, 'owner'),
      database.keys.partner,
      (client as unknown as { processID: number }).processID,
    );

  /** All rows that a script of statements gave back, or the state of the first one refused. */
  async function script(sql: string): Promise<string> {
    try {
      const results = await client.query(
        `begin; select set_config('app.context', '${context()}', true); ${sql}`,
      );
      return JSON.stringify(
        [results]
          .flat()
          .map((result) => result.rows)
          .slice(2),
      );
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.query('rollback');
    }
  }

  const scripts: Record<string, [sql: string, expected: RegExp]> = {
    'its own rows': ['select title_en from offer', /marker-amber/],
    'the transaction ended': ['commit; select title_en from offer', /^\[\[\],\[\]\]$/],
    'the context emptied': [
      `select set_config('app.context', '', false); select title_en from offer`,
      /,\[\]\]$/,
    ],
    'the context reset': ['reset app.context; select title_en from offer', /,\[\]\]$/],
    'everything reset': ['reset all; select title_en from offer', /,\[\]\]$/],
    'everything discarded': ['commit; discard all', /25001/],
    'row security off': ['set local row_security = off; select title_en from offer', /42501/],
    'row security off by function': [
      `select set_config('row_security', 'off', true); select title_en from offer`,
      /42501/,
    ],
    'another role': ['set local role bulkhead_admin; select title_en from offer', /42501/],
    'another session': ['set session authorization bulkhead_admin; select title_en from offer', /42501/],
    'the role back': ['reset role; reset session authorization; select title_en from offer', /marker-amber/],
    'a shadowed schema': [
      'set local search_path = pg_temp, app, public; select title_en from offer',
      /marker-amber/,
    ],
    'no schema at all': [`set local search_path = ''; select title_en from public.offer`, /marker-amber/],
    'a cursor over a changed context': [
      `declare c cursor with hold for select title_en from offer; select set_config('app.context', '', true); fetch all from c`,
      /,\[\]\]$/,
    ],
    'a prepared statement over a changed context': [
      `prepare p as select title_en from offer; execute p; select set_config('app.context', '', true); execute p; deallocate p`,
      /marker-amber.*,\[\],\[\]\]$/,
    ],
    'a function’s own setting': [
      `set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off; select title_en from offer`,
      /marker-amber/,
    ],
    'an anonymous block that raises what it reads': [
      `do $$ declare t text; begin select string_agg(title_en, ',') into t from offer; raise exception '%', t; end $$`,
      /P0001/,
    ],
    'a savepoint undone': [
      `savepoint s; select set_config('app.context', '', true); rollback to s; select title_en from offer`,
      /marker-amber/,
    ],
    'an isolation level': [
      'commit; begin isolation level serializable; select title_en from offer',
      /,\[\]\]$/,
    ],
  };
  for (const [name, [sql, expected]] of Object.entries(scripts)) {
    it(`shows nothing of another market: ${name}`, async () => {
      const found = await script(sql);
      assert.match(found, expected);
      assert.doesNotMatch(found, /basil/);
    });
  }

  it('raises no text of another market either', async () => {
    await client.query(`begin; select set_config('app.context', '${context()}', true)`);
    const raised = client.query(
      `do $$ declare t text; begin select string_agg(title_en, ',') into t from offer; raise exception '%', t; end $$`,
    );
    await assert.rejects(
      raised,
      (error: Error) => error.message.includes(amber.marker) && !error.message.includes(basil.marker),
    );
    await client.query('rollback');
  });

  it('can’t take away, give away or add a right', async () => {
    const lines = () => withClient(database.superuserUrl, accessLines);
    const before = await lines();
    for (const sql of [
      'drop owned by current_user',
      'drop owned by bulkhead_partner cascade',
      'reassign owned by bulkhead_partner to bulkhead_partner',
      'revoke all on all tables in schema public from bulkhead_partner',
      'revoke select on offer from bulkhead_admin',
      'grant all on all tables in schema public to public',
      'alter default privileges grant all on tables to public',
      'alter role current_user bypassrls',
      'alter role current_user nologin',
      'alter role current_user connection limit 0',
      'alter role current_user rename to nobody',
      'drop role bulkhead_partner',
      'alter database postgres set row_security = off',
      'alter event trigger bulkhead_keep_policies disable',
      'drop event trigger bulkhead_keep_policies',
      'alter function app.claims() owner to bulkhead_partner',
    ]) {
      await client.query(sql).catch(() => undefined);
      assert.deepEqual(await lines(), before, sql);
    }
    const { rows } = await client.query(
      'select rolcanlogin, rolbypassrls, rolconnlimit from pg_roles where rolname = current_user',
    );
    assert.deepEqual(rows, [{ rolcanlogin: true, rolbypassrls: false, rolconnlimit: 60 }]);
  });

  describe('and its own defaults', () => {
    const restore = async () => {
      const { server, passwords } = await testCluster();
      for (const url of [server.superuserUrl('postgres'), database.superuserUrl]) {
        await withClient(url, (superuser) => ensureRoles(superuser, passwords));
      }
    };
    afterEach(restore);

    for (const change of [
      'alter role current_user set default_transaction_read_only = on',
      'alter role current_user set transform_null_equals = on',
      'alter role current_user set row_security = off',
      'alter role current_user reset search_path',
      'alter role current_user reset all',
      `do $$ begin execute format('alter role current_user in database %I set search_path = pg_temp', current_database()); end $$`,
    ]) {
      it(`can’t make later connections differ, only refused by name: ${change}`, async () => {
        await client.query(change);
        const own = open();
        try {
          await assert.rejects(
            own.scoped(partnerScope(basil)).branch.count(),
            /other defaults than it was given .*npm run db:roles/s,
          );
          await restore();
          assert.equal(await own.scoped(partnerScope(basil)).branch.count(), 3);
        } finally {
          await own.close();
        }
      });
    }
  });

  const open = (options: { statementTimeout?: number } = {}): Database =>
    createDatabase({
      url: database.url('bulkhead_partner'),
      key: database.keys.partner,
      poolSize: 1,
      ...options,
    });

  it('ends a statement that takes too long, and one that lifted the limit on the way', async () => {
    const own = open({ statementTimeout: 300 });
    const raw = (sql: string) => own.scoped(partnerScope(amber)).$queryRaw(Prisma.raw(sql));
    try {
      for (const sql of [
        'select pg_sleep(5) is null as done',
        `select pg_sleep(5) is null as done from (select set_config('statement_timeout', '0', false) offset 0) x`,
      ]) {
        const began = Date.now();
        await assert.rejects(raw(sql), /57014/);
        assert.ok(Date.now() - began < 3_000);
        assert.equal(await own.scoped(partnerScope(basil)).branch.count(), 3);
      }
    } finally {
      await own.close();
    }
  });
});
