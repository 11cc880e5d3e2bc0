import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '../../server/db/setup/connect.ts';
import { applyMigrations, migrationState, resolveMigration } from '../../server/db/setup/migrations.ts';
import { loginNames, secureDatabase } from '../../server/db/setup/roles.ts';
import { signContext } from '../../server/market/context.ts';
import { prismaFolder } from '../../server/paths.ts';
import { type TestDatabase, testDatabase, unmigratedDatabase } from '../support/database.ts';

const rows = async <T>(url: string, sql: string, values: unknown[] = []): Promise<T[]> =>
  withClient(url, async (client) => (await client.query(sql, values)).rows);

describe('database set-up', () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });

  it('records migrations as the Prisma CLI does: names, checksums of the files, one step each', async () => {
    const folder = join(prismaFolder, 'migrations');
    const names = readdirSync(folder).filter((name) => !name.endsWith('.toml'));
    const recorded = await rows<Record<string, unknown>>(
      database.superuserUrl,
      'select * from _prisma_migrations order by started_at',
    );
    assert.deepEqual(recorded.map((row) => row.migration_name).sort(), names.sort());
    for (const row of recorded) {
      const file = readFileSync(join(folder, String(row.migration_name), 'migration.sql'));
      assert.equal(row.checksum, createHash('sha256').update(file).digest('hex'));
      assert.ok(row.finished_at);
      assert.equal(row.rolled_back_at, null);
      assert.equal(row.applied_steps_count, 1);
    }
    const state = await migrationState(database.superuserUrl, folder);
    assert.deepEqual(state, { pending: [], failed: [], edited: [], unknown: [] });
  });

  it('gives every object of public to bulkhead_owner, and the verifying functions to bulkhead_context', async () => {
    const owners = await rows(
      database.superuserUrl,
      `select distinct nspname as schema, relowner::regrole::text as owner from pg_class c
       join pg_namespace n on n.oid = relnamespace where nspname in ('public', 'app', 'vault') order by 1`,
    );
    assert.deepEqual(owners, [
      { schema: 'public', owner: 'bulkhead_owner' },
      { schema: 'vault', owner: 'bulkhead_context' },
    ]);
  });

  for (const login of loginNames) {
    it(`${login} enters neither the vault, other sessions, large objects nor temporary tables`, async () => {
      const url = database.url(login);
      for (const sql of [
        'select * from vault.context_key',
        'select * from pg_stat_activity',
        'select pg_terminate_backend(1)',
        'select * from pg_locks',
        'select lo_create(0)',
        'create temp table t (a int)',
        'create table t (a int)',
        'create schema s',
        'set role bulkhead_owner',
        'set role bulkhead_context',
      ]) {
        await assert.rejects(rows(url, sql), { code: '42501' }, sql);
      }
    });

    it(`${login} has fixed session settings`, async () => {
      const [settings] = await rows<Record<string, string>>(
        database.url(login),
        `select current_setting('timezone') as zone, current_setting('statement_timeout') as statement,
           current_setting('search_path') as path, current_setting('plan_cache_mode') as plans`,
      );
      const plans = login.endsWith('_gate') ? 'auto' : 'force_generic_plan';
      assert.deepEqual(settings, { zone: 'UTC', statement: '15s', path: 'public', plans });
    });
  }

  it('verifies a context signed with the stored key, and none signed with another surface’s', async () => {
    const marketId = '018f0000-0000-7000-8000-000000000001';
    const actor = { kind: 'partner', id: marketId, role: 'owner', name: 'Owner' } as const;
    const scope = { surface: 'partner', marketId, actor, receipt: 'r' } as const;
    const [partner, admin] = [database.contextKeys.partner[0], database.contextKeys.admin[0]];
    assert.ok(partner && admin);
    const seen = await withClient(database.url('bulkhead_partner'), async (client) => {
      const { rows: pids } = await client.query('select pg_backend_pid() as pid');
      const ask = async (context: string) => {
        await client.query(`select set_config('app.context', $1, false)`, [context]);
        return (await client.query('select app.market_id() as id')).rows[0].id;
      };
      return [
        await ask(signContext(scope, partner, pids[0].pid)),
        await ask(signContext(scope, admin, pids[0].pid)),
      ];
    });
    assert.deepEqual(seen, [marketId, null]);
  });

  it('can be secured again without a change or a complaint', async () => {
    assert.deepEqual(await withClient(database.superuserUrl, secureDatabase), []);
  });
});

describe('a migration that fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-migrations-'));
  const write = (name: string, sql: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'migration.sql'), sql);
  };
  after(() => rmSync(folder, { recursive: true }));

  it('leaves nothing behind, is named in one line, and runs again after it was marked as rolled back', async () => {
    const { superuserUrl } = await unmigratedDatabase();
    writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n');
    write(
      '20260101000000_first',
      'create function one() returns int language plpgsql as $$ begin return 1; end $$;',
    );
    write('20260102000000_second', 'create table kept (a int); create table broken (a nonsense);');
    const told =
      /^BootError: Migration 20260102000000_second stopped half-way.*--rolled-back 20260102000000_second/;
    await assert.rejects(applyMigrations(superuserUrl, folder), told);
    await assert.rejects(applyMigrations(superuserUrl, folder), told);
    assert.deepEqual(await rows(superuserUrl, `select to_regclass('kept')::text as kept`), [{ kept: null }]);

    write('20260102000000_second', 'create table kept (a int);');
    await resolveMigration(superuserUrl, folder, '20260102000000_second', 'rolled-back');
    assert.deepEqual(await applyMigrations(superuserUrl, folder), ['20260102000000_second']);

    write('20260101000000_first', 'select 1;');
    await assert.rejects(
      applyMigrations(superuserUrl, folder),
      /20260101000000_first was changed after it ran/,
    );
  });
});
