import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { BootError } from '../../boot-error.ts';
import { withClient, withUrl } from './connect.ts';

export interface MigrationState {
  /** Names of migrations in the folder that the database does not have yet. */
  readonly pending: string[];
  readonly failed: string[];
  /** Applied, but the file has changed since. */
  readonly edited: string[];
  /** Applied, but not in the folder. */
  readonly unknown: string[];
}

/**
 * Applies what is missing with Prisma's own engine, as `bulkhead_owner`, and records it in `_prisma_migrations`
 * as the Prisma CLI does.
 * @returns the names of the migrations applied now.
 * @throws BootError when one failed, now or earlier, or the history is not the folder's.
 */
export async function applyMigrations(url: string, folder: string): Promise<string[]> {
  return withEngine(url, async (engine) => {
    const before = await diagnose(engine, folder);
    refuse(before);
    if (before.pending.length === 0) return [];
    const list = migrationList(folder);
    try {
      return (await engine.applyMigrations({ migrationsList: list, filters: noFilter }))
        .appliedMigrationNames;
    } catch (error) {
      throw await explain(error, () => diagnose(engine, folder));
    }
  });
}

/** What the engine finds when it compares the database with the folder. */
export function migrationState(url: string, folder: string): Promise<MigrationState> {
  return withEngine(url, (engine) => diagnose(engine, folder));
}

/** Settles a failed migration after somebody has looked: undone (it runs again) or completed by hand. */
export async function resolveMigration(
  url: string,
  folder: string,
  name: string,
  how: 'rolled-back' | 'applied',
) {
  await withEngine(url, async (engine) => {
    if (how === 'rolled-back') await engine.markMigrationRolledBack({ migrationName: name });
    else await engine.markMigrationApplied({ migrationName: name, migrationsList: migrationList(folder) });
  });
}

const noFilter = { externalTables: [], externalEnums: [] };

async function diagnose(engine: SchemaEngine, folder: string): Promise<MigrationState> {
  const found = await engine.diagnoseMigrationHistory({
    migrationsList: migrationList(folder),
    optInToShadowDatabase: false,
    filters: noFilter,
  });
  const { history, failedMigrationNames: failed, editedMigrationNames: edited } = found;
  return {
    failed,
    edited,
    pending: history && 'unappliedMigrationNames' in history ? history.unappliedMigrationNames : [],
    unknown: history && 'unpersistedMigrationNames' in history ? history.unpersistedMigrationNames : [],
  };
}

function refuse({ failed, edited, unknown }: MigrationState): void {
  if (failed.length > 0) throw halfApplied(failed);
  if (edited.length > 0) {
    throw new BootError(
      `Migration ${edited.join(', ')} was changed after it ran: put its file back as it was.`,
    );
  }
  if (unknown.length > 0) {
    throw new BootError(
      `The database has ${unknown.join(', ')}, which this version lacks: start the newer version.`,
    );
  }
}

function halfApplied(names: string[], reason = ''): BootError {
  const name = names.join(', ');
  return new BootError(
    `Migration ${name} stopped half-way${reason}. Put right what stopped it, then run ` +
      `npm run db:migrate -- --rolled-back ${name} (or --applied ${name} if you completed it by hand) and start again.`,
  );
}

async function explain(error: unknown, look: () => Promise<MigrationState>): Promise<unknown> {
  const text = error instanceof Error ? error.message : String(error);
  const state = await look().catch(() => undefined);
  if (!state || state.failed.length === 0) return new BootError(`Migrations failed: ${firstLine(text)}`);
  return halfApplied(state.failed, `: ${firstLine(text)}`);
}

function firstLine(text: string): string {
  return (
    /ERROR: .*|Database error:\s*(.*)/.exec(text)?.[0]?.replace(/\s+/g, ' ') ?? text.split('\n')[0] ?? ''
  );
}

function migrationList(folder: string): MigrationList {
  const lock = join(folder, 'migration_lock.toml');
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: existsSync(lock) ? readFileSync(lock, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: names
      .map(({ name }) => name)
      .sort()
      .map((path) => ({
        path,
        migrationFile: { path: 'migration.sql', content: readMigration(folder, path) },
      })),
  };
}

function readMigration(folder: string, name: string) {
  try {
    return { tag: 'ok' as const, value: readFileSync(join(folder, name, 'migration.sql'), 'utf8') };
  } catch (error) {
    return { tag: 'error' as const, value: String(error) };
  }
}

// The stock adapter cuts a script at every semicolon, function bodies included. PostgreSQL takes it whole, as one
// implicit transaction: a migration that fails leaves nothing behind.
class WholeScripts extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script: string) => void (await adapter.underlyingDriver().query(script));
    return adapter;
  }
}

/** Lends out Prisma's engine, on one connection as `bulkhead_owner`. */
export async function withEngine<T>(url: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  await requireOwner(url);
  const { SchemaEngine } = await loadEngine();
  // One connection: the engine's advisory lock belongs to a session.
  const pool = new pg.Pool({ connectionString: withUrl(url, { role: 'bulkhead_owner' }), max: 1 });
  pool.on('error', () => undefined);
  const factory = bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool));
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => undefined, factory);
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

// Asked first, because the engine's own words for both failures mislead.
async function requireOwner(url: string): Promise<void> {
  const { rowCount } = await withClient(url, (client) =>
    client.query("select from pg_roles where rolname = 'bulkhead_owner'"),
  );
  if (rowCount === 0)
    throw new BootError('The database has no role bulkhead_owner: run npm run db:roles first.');
}

type EngineModule = typeof import('@prisma/schema-engine-wasm') & { __wbg_set_wasm(exports: unknown): void };
let loaded: Promise<EngineModule> | undefined;

// Node has no import of .wasm files yet: this is the package's own entry, by hand. Loaded once a process.
function loadEngine(): Promise<EngineModule> {
  loaded ??= (async () => {
    const glue = '@prisma/schema-engine-wasm/schema_engine_bg';
    const engine = (await import(glue)) as EngineModule;
    const file = join(dirname(createRequire(import.meta.url).resolve(glue)), 'schema_engine_bg.wasm');
    const { instance } = await WebAssembly.instantiate(readFileSync(file), {
      './schema_engine_bg.js': withoutLingeringTimers(engine),
    });
    engine.__wbg_set_wasm(instance.exports);
    (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
    return engine;
  })();
  return loaded;
}

// The engine waits for its lock with a timer that it never clears: it would keep the process up for ten seconds.
function withoutLingeringTimers(engine: EngineModule): WebAssembly.ModuleImports {
  const imports = Object.entries(engine as unknown as WebAssembly.ModuleImports).map(([name, given]) =>
    name.startsWith('__wbg_setTimeout')
      ? [name, (call: () => void, milliseconds: number) => setTimeout(call, milliseconds >>> 0).unref()]
      : [name, given],
  );
  return Object.fromEntries(imports);
}
