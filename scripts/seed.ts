import { join } from 'node:path';
import { scriptConfig } from '../server/config.ts';
import { withDatabase } from './database.ts';
import { runScript, say } from './run.ts';
import { seedIfEmpty } from './seed.steps.ts';

// npm run db:seed: the demo markets, into a database that has none.
await runScript('db:seed', async () => {
  const script = scriptConfig();
  const lines = await withDatabase(script, ({ url }) => seedIfEmpty(url, join(script.home, 'uploads')));
  for (const line of lines) say(line);
});
