import { scriptConfig } from '../server/config.ts';
import { requireSecrets, storeKeys, withDatabase } from './database.ts';
import { runScript, say } from './run.ts';
import { rotated, saveSecrets } from './secrets.ts';

// npm run keys:rotate: new keys sign, the former ones are still believed until the next rotation.
await runScript('keys:rotate', async () => {
  const script = scriptConfig();
  requireSecrets(script);
  const secrets = rotated(script.home);
  // The database first: it then believes both, whatever happens before the file is written.
  await withDatabase(script, ({ url }) => storeKeys(url, secrets, script.bindsPid), secrets);
  saveSecrets(script.home, secrets);
  const kids = Object.values(secrets.tokenKeys).map((ring) => ring[0]?.kid);
  say(`New keys sign from the next start of each portal: ${kids.join(', ')}.`);
  say('Restart the portals now. The former keys stay valid until you rotate once more.');
});
