import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../server/db/embedded/embedded.ts';
import { withClient } from '../server/db/setup/connect.ts';
import { applyMigrations } from '../server/db/setup/migrations.ts';
import { ensureRoles, loginNames, type RolePasswords, secureDatabase } from '../server/db/setup/roles.ts';
import { readBodies } from '../server/isolation/catalogue/bodies.question.ts';
import { prismaFolder, root } from '../server/paths.ts';
import { runScript, say } from './run.ts';

const TARGET = 'server/isolation/catalogue/declared-bodies.ts';

// npm run isolation:bodies, after a migration that makes or changes a function.
await runScript('isolation:bodies', async () => {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-bodies-'));
  const server = await startEmbedded({ home, throwAway: true });
  try {
    const url = server.superuserUrl('postgres');
    const passwords = Object.fromEntries(loginNames.map((name) => [name, randomBytes(12).toString('hex')]));
    await withClient(url, async (client) => {
      await ensureRoles(client, passwords as RolePasswords);
      await secureDatabase(client);
    });
    await applyMigrations(url, join(prismaFolder, 'migrations'));
    const bodies = await withClient(url, readBodies);
    writeFileSync(join(root, TARGET), fileOf(bodies));
    say(`${TARGET}: ${Object.keys(bodies).length} functions.`);
  } finally {
    await server.stop();
  }
});

function fileOf(bodies: Record<string, string>): string {
  const lines = Object.entries(bodies).map(([name, body]) => `  '${name}': '${body}',\n`);
  return (
    '// biome-ignore-all format: written line by line.\n' +
    '// Written by npm run isolation:bodies from the migrations: what each function does, as a digest.\n\n' +
    `export const declaredBodies: Readonly<Record<string, string>> = {\n${lines.join('')}};\n`
  );
}
