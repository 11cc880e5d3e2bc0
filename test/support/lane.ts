import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import type { Outcome } from '../../scripts/test.lane.ts';
import { root } from '../../server/paths.ts';
import { outcomeOf } from './reporter.ts';
import { mochaGlobalTeardown } from './setup.ts';

// Runs the test files that its parent hands it, one message after the other. What files share, such as the database
// server and the modules that they load, is there once for all of them.
const { timeout } = JSON.parse(readFileSync(join(root, '.config/mocha.json'), 'utf8'));
let isBusy = false;

process.on('message', async (files: string[]) => {
  isBusy = true;
  const outcome = await run(files);
  isBusy = false;
  process.send?.(outcome);
});
// Nobody is left to tell; the server stops by itself when its maker is gone.
process.once('disconnect', () => (isBusy ? process.exit(1) : mochaGlobalTeardown()));

async function run(files: readonly string[]): Promise<Outcome> {
  const mocha = new Mocha({ timeout, reporter: 'spec' });
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((resolve) => {
    const outcome = outcomeOf(mocha.run(() => resolve(outcome)));
  });
}
