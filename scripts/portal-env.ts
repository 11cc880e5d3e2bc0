import { BootError } from '../server/boot-error.ts';
import { type PortalName, scriptConfig } from '../server/config.ts';
import { withDatabase } from './database.ts';
import { portalEnv } from './portal.env.ts';
import { runScript, say } from './run.ts';

// npm run --silent portal:env -- partner > partner.env: the secrets of one portal, and of no other.
await runScript('portal:env', async () => {
  const portal = process.argv[2];
  if (portal !== 'admin' && portal !== 'partner') throw new BootError('Name the portal: admin or partner.');
  const script = scriptConfig();
  const env = await withDatabase(script, async (target) =>
    portalEnv(portal satisfies PortalName, target, script),
  );
  for (const [name, value] of Object.entries(env)) say(`${name}=${value}`);
});
