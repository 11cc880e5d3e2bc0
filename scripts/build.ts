import { build, generateClient } from './build.steps.ts';
import { runScript } from './run.ts';

// npm run build: dist/ for plain node. Views, messages and migrations are read from the checkout.
await runScript('build', async () => {
  const onlyIfStale = process.argv.includes('--if-stale');
  await generateClient({ onlyIfStale: true });
  await build({ onlyIfStale });
});
