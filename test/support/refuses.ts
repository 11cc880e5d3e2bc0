import assert from 'node:assert/strict';
import type { PortalName } from '../../server/config.ts';
import type { TestDatabase } from './database.ts';
import { portalEnv } from './http.ts';
import { spawnPortal } from './portal-processes.ts';

/** One line that says what is wrong, no secret in it, and the process is gone. */
export async function refuses(
  portal: PortalName,
  database: TestDatabase,
  changes: Record<string, string>,
  pattern: RegExp,
): Promise<void> {
  const { code, stdout, stderr } = await spawnPortal(portal, database, changes).ended;
  assert.match(stderr, pattern);
  assert.match(stderr, new RegExp(`^bulkhead ${portal}: [^\\n]+\\n$`), 'one line');
  assert.equal(stdout, '', 'it never listened');
  assert.equal(code, 1);
  for (const value of Object.values({ ...portalEnv(portal, database), ...changes }))
    for (const secret of secretsOf(value)) assert.ok(!stderr.includes(secret), 'a secret is shown');
}

const secretsOf = (value: string): string[] =>
  [...value.matchAll(/:([\w-]{16,})(?:@|$|,)/g)].map((found) => found[1]!);
