import { scriptConfig } from '../server/config.ts';
import { setUpRoles, withDatabase } from './database.ts';
import { runScript, say } from './run.ts';

// npm run db:roles: before the first migration, and again after an upgrade. Safe to repeat.
await runScript('db:roles', async () => {
  const open = await withDatabase(scriptConfig(), setUpRoles);
  for (const line of open) say(`Warning: ${line}.`);
  say(
    'Roles and their rights are as declared. npm run portal:env -- admin|partner prints what a portal needs.',
  );
});
