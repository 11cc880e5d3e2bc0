import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { seedCatalogue } from '../prisma/seed.ts';
import { BootError } from '../server/boot-error.ts';
import type { scriptConfig } from '../server/config.ts';
import { type Embedded, startEmbedded } from '../server/db/embedded/embedded.ts';
import { choosePlace } from '../server/db/embedded/place.ts';
import { withClient } from '../server/db/setup/connect.ts';
import { storeContextKeys } from '../server/db/setup/context-keys.ts';
import { applyMigrations } from '../server/db/setup/migrations.ts';
import { ensureQueue } from '../server/db/setup/queue.ts';
import { ensureRoles, secureDatabase } from '../server/db/setup/roles.ts';
import { ensureSyncEpoch } from '../server/db/setup/sync-epoch.ts';
import type { ContextKey } from '../server/market/context.ts';
import { prismaFolder } from '../server/paths.ts';
import { loadSecrets, type Ring, type Secrets } from './secrets.ts';

export type Script = ReturnType<typeof scriptConfig>;

/** The installation's database, seen by whoever sets it up. */
export interface Target {
  readonly url: string;
  readonly secrets: Secrets;
  readonly embedded: Embedded | undefined;
  stop(): Promise<void>;
}

export const embeddedDatabase = 'bulkhead';

/** One's own PostgreSQL if a setting names it, else the embedded one, started here or joined. */
export async function openDatabase(script: Script, given?: Secrets): Promise<Target> {
  requireSecrets(script);
  const secrets = given ?? loadSecrets(script.home);
  if (script.migrateUrl) {
    return { url: script.migrateUrl, secrets, embedded: undefined, stop: async () => undefined };
  }
  const embedded = await startEmbedded({ home: script.home, password: secrets.superuserPassword });
  try {
    await createDatabase(embedded.superuserUrl('postgres'));
  } catch (error) {
    await embedded.stop();
    throw error;
  }
  return { url: embedded.superuserUrl(embeddedDatabase), secrets, embedded, stop: embedded.stop };
}

/** Opens the database for one job and closes it again, whatever happens. */
export async function withDatabase<T>(
  script: Script,
  work: (target: Target) => Promise<T>,
  given?: Secrets,
): Promise<T> {
  const target = await openDatabase(script, given);
  try {
    return await work(target);
  } finally {
    await target.stop();
  }
}

/** Roles and what they may reach. @returns what could not be closed, for the operator to read. */
export async function setUpRoles({ url, secrets }: Target): Promise<string[]> {
  return withClient(url, async (client) => {
    await ensureRoles(client, secrets.rolePasswords);
    return secureDatabase(client);
  });
}

/** Migrations and the job queue's own, then the keys that the migrated database verifies contexts with. @returns the names applied now. */
export async function setUpTables({ url, secrets }: Target, bindsPid: boolean): Promise<string[]> {
  const applied = await applyMigrations(url, join(prismaFolder, 'migrations'));
  await ensureQueue(url);
  await ensureSyncEpoch(url);
  if (applied.length > 0) await seedCatalogue({ url });
  await storeKeys(url, secrets, bindsPid);
  return applied;
}

export async function storeKeys(url: string, secrets: Secrets, bindsPid: boolean): Promise<void> {
  const live = (ring: Ring): ContextKey[] =>
    ring.map(({ kid, key }) => ({ kid, key: Buffer.from(key, 'base64url'), bindsPid }));
  const rings = Object.entries(secrets.contextKeys).map(([surface, ring]) => [surface, live(ring)]);
  await withClient(url, (client) => storeContextKeys(client, Object.fromEntries(rings)));
}

async function createDatabase(maintenanceUrl: string): Promise<void> {
  await withClient(maintenanceUrl, async (client) => {
    const found = await client.query('select from pg_database where datname = $1', [embeddedDatabase]);
    if (found.rowCount === 0) await client.query(`create database ${embeddedDatabase} template template0`);
  });
}

/** @throws BootError when an embedded database is there without its secrets: new ones would lock everybody out. */
export function requireSecrets({ home, migrateUrl }: Script): void {
  if (migrateUrl || !existsSync(home) || existsSync(join(home, 'secrets.json'))) return;
  const { data } = choosePlace(home);
  if (!existsSync(join(data, 'PG_VERSION'))) return;
  throw new BootError(
    `${join(home, 'secrets.json')} is missing but its database is there: restore the file, or delete all data with npm run db:reset.`,
  );
}
