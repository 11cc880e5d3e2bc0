import { join } from 'node:path';
import { BootError } from '../server/boot-error.ts';
import { scriptConfig } from '../server/config.ts';
import { migrationState, resolveMigration } from '../server/db/setup/migrations.ts';
import { prismaFolder } from '../server/paths.ts';
import { setUpTables, type Target, withDatabase } from './database.ts';
import { runScript, say } from './run.ts';

const folder = join(prismaFolder, 'migrations');

// npm run db:migrate [-- --status | --rolled-back <name> | --applied <name>]
await runScript('db:migrate', async () => {
  const script = scriptConfig();
  const [option, name] = process.argv.slice(2);
  await withDatabase(script, async (target) => {
    if (option === '--status') await status(target);
    else if (option) await resolve(target, option, name);
    else report(await setUpTables(target, script.bindsPid));
  });
});

async function status({ url }: Target): Promise<void> {
  for (const [state, names] of Object.entries(await migrationState(url, folder))) {
    say(`${state}: ${names.join(', ') || 'none'}`);
  }
}

async function resolve({ url }: Target, option: string, name: string | undefined): Promise<void> {
  const how = /^--(rolled-back|applied)$/.exec(option)?.[1] as 'rolled-back' | 'applied' | undefined;
  if (!how || !name)
    throw new BootError('Options: --status, --rolled-back <migration>, --applied <migration>.');
  await resolveMigration(url, folder, name, how);
  say(`${name} is marked as ${how}.`);
}

function report(applied: string[]): void {
  say(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to apply.');
}
