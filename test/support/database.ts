import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import type { KeySurface, TokenKey } from '../../server/config.ts';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { storeContextKeys } from '../../server/db/setup/context-keys.ts';
import { applyMigrations } from '../../server/db/setup/migrations.ts';
import { ensureQueue } from '../../server/db/setup/queue.ts';
import { type Login, secureDatabase } from '../../server/db/setup/roles.ts';
import type { ContextKey } from '../../server/market/context.ts';
import { prismaFolder } from '../../server/paths.ts';
import { testCluster } from './cluster.ts';

export interface TestDatabase {
  readonly name: string;
  /** For arranging rows and looking at them; row-level security does not bind it. */
  readonly superuserUrl: string;
  /** The address for one of the portals' logins. */
  url(login: Login): string;
  /** What the database verifies contexts with; one live key a surface. */
  readonly contextKeys: Record<KeySurface, ContextKey[]>;
  readonly tokenKeys: Record<KeySurface, TokenKey[]>;
  /** Ends its connections and removes it. Optional: the whole server goes when the process ends. */
  drop(): Promise<void>;
}

const template = 'bulkhead_template';
const contextKeys = {
  admin: [contextKey('admin')],
  partner: [contextKey('partner')],
  public: [contextKey('public')],
  device: [contextKey('device')],
};
const tokenKeys = {
  admin: [tokenKey('admin')],
  partner: [tokenKey('partner')],
  public: [tokenKey('public')],
  device: [tokenKey('device')],
};

let prepared: Promise<void> | undefined;
let queue: Promise<unknown> = Promise.resolve();
let made = 0;

/** A fresh, migrated database without rows, with roles, grants and the keys above: about 50 ms each. */
export async function testDatabase(): Promise<TestDatabase> {
  prepared ??= prepareTemplate();
  await prepared;
  return createDatabase(`test_${++made}`, template);
}

/**
 * Several connections past row-level security, for work side by side. One that ends while it is idle, as all do when the
 * database goes, is nobody's loss: without a listener it would end the whole test process.
 */
export function superuserPool({ superuserUrl }: Pick<TestDatabase, 'superuserUrl'>, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: superuserUrl, max });
  pool.on('error', () => undefined);
  return pool;
}

/** A database that only has the roles' rights: for tests of what migrations themselves do. */
export function unmigratedDatabase(): Promise<TestDatabase> {
  return createDatabase(`test_${++made}`, 'template0');
}

async function prepareTemplate(): Promise<void> {
  const { superuserUrl } = await createDatabase(template, 'template0');
  await applyMigrations(superuserUrl, join(prismaFolder, 'migrations'));
  await ensureQueue(superuserUrl);
  await withClient(superuserUrl, (client) => storeContextKeys(client, contextKeys));
}

async function createDatabase(name: string, from: string): Promise<TestDatabase> {
  const { server, passwords } = await testCluster();
  const maintenance = server.superuserUrl('postgres');
  // One at a time: a template can't be copied while another copy of it is being made.
  const turn = queue.then(() =>
    withClient(maintenance, (client) => client.query(`create database ${name} template ${from}`)),
  );
  queue = turn.catch(() => undefined);
  await turn;
  const superuserUrl = server.superuserUrl(name);
  await withClient(superuserUrl, secureDatabase);
  return {
    name,
    superuserUrl,
    url: (login) => withUrl(superuserUrl, { user: login, password: passwords[login] }),
    contextKeys,
    tokenKeys,
    drop: () =>
      withClient(maintenance, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

function contextKey(surface: KeySurface): ContextKey {
  return { kid: `${surface}-test`, key: randomBytes(32), bindsPid: true };
}

function tokenKey(surface: KeySurface): TokenKey {
  return { kid: `${surface}-token-test`, key: randomBytes(32) };
}
