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

process.on('message', async (file: string) => {
  isBusy = true;
  const outcome = await run(file);
  isBusy = false;
  process.send?.(outcome);
});
// Nobody is left to tell while a file runs; the server stops by itself when its maker is gone.
process.once('disconnect', () => (isBusy ? process.exit(1) : end()));

async function end(): Promise<void> {
  await mochaGlobalTeardown();
  setTimeout(() => {
    console.error(`A test left something open: ${process.getActiveResourcesInfo()}`);
    process.exit(1);
  }, 10_000).unref();
}

async function run(file: string): Promise<Outcome> {
  const mocha = new Mocha({ timeout, reporter: 'spec' });
  mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((resolve) => {
    const outcome = outcomeOf(mocha.run(() => resolve(outcome)));
  });
}
