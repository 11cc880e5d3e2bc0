import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Embedded, startEmbedded } from '../../server/db/embedded/embedded.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { ensureRoles, loginNames, type RolePasswords } from '../../server/db/setup/roles.ts';

/** One throw-away PostgreSQL per test process: role names belong to the whole server, so it is shared with nobody. */
export interface TestCluster {
  readonly server: Embedded;
  readonly passwords: RolePasswords;
}

let running: Promise<TestCluster> | undefined;

/** Started by the first test that asks; gone when the process ends, however it ends. */
export function testCluster(): Promise<TestCluster> {
  running ??= start();
  return running;
}

export async function stopTestCluster(): Promise<void> {
  const cluster = await running?.catch(() => undefined);
  running = undefined;
  await cluster?.server.stop();
}

async function start(): Promise<TestCluster> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
  const server = await startEmbedded({ home, throwAway: true });
  const passwords = Object.fromEntries(
    loginNames.map((name) => [name, randomBytes(12).toString('base64url')]),
  ) as RolePasswords;
  await withClient(server.superuserUrl('postgres'), async (client) => {
    // Tests connect thousands of times, and each time would hash a password thousands of times.
    await client.query('set scram_iterations = 1');
    await client.query(
      `alter role postgres password '${decodeURIComponent(new URL(server.superuserUrl('postgres')).password)}'`,
    );
    await ensureRoles(client, passwords);
  });
  return { server, passwords };
}
