import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BootError } from '../server/boot-error.ts';
import { scriptConfig } from '../server/config.ts';
import { livingHolder } from '../server/db/embedded/holder.ts';
import { choosePlace } from '../server/db/embedded/place.ts';
import { runningServer, stopServer } from '../server/db/embedded/postmaster.ts';
import { shownUrl, withClient, withUrl } from '../server/db/setup/connect.ts';
import { type Script, setUpRoles, setUpTables, withDatabase } from './database.ts';
import { runScript, say } from './run.ts';
import { seedIfEmpty } from './seed.steps.ts';

// npm run db:reset: deletes all data and starts over. For development; refuses in production.
await runScript('db:reset', async () => {
  const script = scriptConfig();
  if (script.production) throw new BootError('NODE_ENV is production: a production database is not reset.');
  const holder = livingHolder(script.home, 'start.pid') ?? livingHolder(script.home);
  if (holder) throw new BootError(`Process ${holder} is using the database: stop npm start first.`);
  if (script.migrateUrl) await recreate(script.migrateUrl);
  else await removeEmbedded(script);
  await withDatabase(script, async (target) => {
    await setUpRoles(target);
    await setUpTables(target, script.bindsPid);
    if (script.seed) await seedIfEmpty(target.url, join(script.home, 'uploads'));
  });
  say('The database is new.');
});

async function recreate(url: string): Promise<void> {
  if (!process.argv.includes('--yes')) {
    throw new BootError(
      `This deletes everything in ${shownUrl(url)}: npm run db:reset -- --yes if you mean it.`,
    );
  }
  const name = `"${decodeURIComponent(new URL(url).pathname.slice(1)).replaceAll('"', '""')}"`;
  await withClient(withUrl(url, { database: 'postgres' }), async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name} template template0 encoding 'UTF8'`);
  });
}

// The folder, not the database in it: this also repairs a lost password or data of another version.
async function removeEmbedded({ home }: Script): Promise<void> {
  const { data } = choosePlace(home);
  const running = runningServer(data);
  if (running) await stopServer(running.pid);
  for (const folder of [data, join(home, 'uploads'), join(home, 'mailbox')]) {
    rmSync(folder, { recursive: true, force: true });
  }
}
