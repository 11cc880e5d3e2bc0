import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { root } from '../server/paths.ts';
import { build } from './build.steps.ts';
import { runScript, say } from './run.ts';
import { Lane, type Outcome } from './test.lane.ts';

/** Files that take long, the longest first, so that no lane begins one when the others are about to end. */
const FIRST = [
  'browser/browser',
  'http/bad-input-fields',
  'http/crawler/crawler',
  'browser/public',
  'db/new-table',
  'db/scoping',
  'faults/boot-refusals',
  'faults/processes',
  'http/guards',
  'db/adapter',
  'db/seed',
  'faults/start',
  'db/policy-table',
  'http/crawler/public',
  'db/jobs-import',
  'http/start',
  'http/auth-passwords',
  'db/jobs',
];

/** One more than there are cores: a lane often waits for its server, or for processes that it started. */
const LANES = availableParallelism() + 1;

// npm test: the whole suite. npm test -- test/unit/format.test.ts: those files alone.
await runScript('test', async () => {
  const asked = process.argv.slice(2);
  if (asked.length > 0) process.exitCode = await runAlone(asked);
  else {
    // For all lanes: of those that start portals as production does, each would build for itself.
    await build({ onlyIfStale: true });
    if (!(await runAll(testFiles(join(root, 'test'))))) process.exitCode = 1;
  }
});

/** Relative to the root. A file that is named nowhere comes after those that are, so none can be forgotten. */
function testFiles(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.test.ts'));
  const place = (name: string) =>
    (FIRST.indexOf(name.replace('.test.ts', '')) + FIRST.length + 1) % (FIRST.length + 1);
  return files
    .sort((one, other) => place(one) - place(other) || one.localeCompare(other))
    .map((name) => relative(root, join(folder, name)));
}

/** Lanes side by side, each taking the next file when it is done with one. @returns whether all went well. */
async function runAll(waiting: string[]): Promise<boolean> {
  const open = new Set<Lane>();
  const outcomes: Outcome[] = [];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      waiting.length = 0;
      for (const lane of open) lane.kill(signal);
    });
  }
  const work = async () => {
    let lane: Lane | undefined;
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      if (!lane || lane.isOver) {
        lane = new Lane();
        open.add(lane);
      }
      const started = Date.now();
      outcomes.push(await lane.run(file));
      // Whole, when it is over: two at once would be unreadable.
      say(`${file} (${Math.round((Date.now() - started) / 1000)} s)\n${lane.output()}`);
    }
    if (lane && !lane.isOver) outcomes.push(await lane.close());
  };
  await Promise.all(Array.from({ length: LANES }, work));
  return report(outcomes);
}

/** Failed and skipped tests once more, and one line with the counts of all. */
function report(outcomes: readonly Outcome[]): boolean {
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  for (const line of failed) say(`Failed: ${line}`);
  for (const line of skipped) say(`Skipped: ${line}`);
  say(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
  return failed.length === 0 && passed > 0;
}

/** These files by mocha itself, seen while they run. @returns the exit code. */
function runAlone(files: readonly string[]): Promise<number> {
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(process.execPath, [mocha, '--config', '.config/mocha.json', ...files], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
