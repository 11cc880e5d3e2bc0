import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { root } from '../server/paths.ts';
import { runScript, say } from './run.ts';
import { Lane, type Outcome } from './test.lane.ts';

/** Files that take long, the longest first, so that no lane begins one when the others are about to end. */
const FIRST: readonly (string | readonly string[])[] = [
  'browser/browser',
  // One lane for all that start portals from dist/: two builds of it at once would be in each other's way.
  ['faults/boot-refusals', 'faults/processes', 'faults/start', 'http/start'],
  'http/bad-input-fields',
  'http/crawler/crawler',
  'db/adapter',
  'db/new-table',
  'db/seed',
  'db/scoping',
  'db/jobs-import',
  'db/policy-table.mutations',
  'http/auth-passwords',
  'http/guards',
  'db/jobs',
];

/** One more than there are cores: a lane often waits for its server, or for processes that it started. */
const LANES = availableParallelism() + 1;

// npm test: the whole suite. npm test -- test/unit/format.test.ts: those files alone.
await runScript('test', async () => {
  const asked = process.argv.slice(2);
  if (asked.length > 0) process.exitCode = await runAlone(asked);
  else if (!(await runAll(groups(join(root, 'test'))))) process.exitCode = 1;
});

/** All test files; a file that is named nowhere is a group by itself, so none can be forgotten. */
function groups(folder: string): string[][] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.replaceAll('\\', '/').slice(0, -'.test.ts'.length));
  const first = FIRST.map((names) => [names].flat().filter((name) => files.includes(name)));
  const rest = files.filter((name) => !first.flat().includes(name)).sort();
  return [...first.filter(({ length }) => length > 0), ...rest.map((name) => [name])].map((names) =>
    names.map((name) => join(folder, `${name}.test.ts`)),
  );
}

/** Lanes side by side, each taking the next group when it is done with one. @returns whether all went well. */
async function runAll(waiting: string[][]): Promise<boolean> {
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
    for (let files = waiting.shift(); files; files = waiting.shift()) {
      if (!lane || lane.isOver) {
        lane = new Lane();
        open.add(lane);
      }
      const started = Date.now();
      outcomes.push(await lane.run(files));
      // Whole, when it is over: two at once would be unreadable.
      const names = files.map((file) => relative(root, file)).join(' ');
      say(`${names} (${Math.round((Date.now() - started) / 1000)} s)\n${lane.output()}`);
    }
    process.stdout.write((await lane?.close()) ?? '');
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
