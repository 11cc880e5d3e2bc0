import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../server/paths.ts';
import { runScript, say } from './run.ts';

/**
 * Folders that run side by side, each lane in a process with a database server of its own: about equal in time on
 * two cores. A file of no named folder belongs to the last lane, so none can be forgotten.
 */
const LANES: readonly (readonly string[])[] = [['browser', 'faults', 'http/crawler'], []];

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

// npm test: the whole suite. npm test -- test/unit/format.test.ts: those files alone.
await runScript('test', async () => {
  const asked = process.argv.slice(2);
  const lanes = asked.length > 0 ? [asked] : split(testFiles(join(root, 'test')));
  const running: ChildProcess[] = [];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      for (const child of running) child.kill(signal);
    });
  }
  const outcomes = await Promise.all(lanes.map((files) => run(files, running, asked.length > 0)));
  report(outcomes);
  if (outcomes.some(({ ok }) => !ok)) process.exitCode = 1;
});

function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .sort();
}

function split(files: readonly string[]): string[][] {
  const laneOf = (file: string): number => {
    const path = relative(join(root, 'test'), file).replaceAll('\\', '/');
    const named = LANES.findIndex((folders) => folders.some((folder) => path.startsWith(`${folder}/`)));
    return named < 0 ? LANES.length - 1 : named;
  };
  return LANES.map((_, lane) => files.filter((file) => laneOf(file) === lane)).filter(
    ({ length }) => length > 0,
  );
}

/** A lane's output is shown whole when the lane ends: two at once would be unreadable. */
function run(files: readonly string[], running: ChildProcess[], live: boolean): Promise<Outcome> {
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(process.execPath, [mocha, '--config', '.config/mocha.json', ...files], {
    cwd: root,
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
  });
  running.push(child);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const output = Buffer.concat(chunks).toString('utf8');
      process.stdout.write(output);
      resolve({ ok: code === 0, output });
    });
  });
}

/** The lanes' skipped tests once more with their reasons, and one line with the counts of all. */
function report(outcomes: readonly Outcome[]): void {
  if (outcomes.length < 2) return;
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { output } of outcomes) {
    const counts = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output);
    total.passed += Number(counts?.[1] ?? 0);
    total.failed += Number(counts?.[2] ?? 1);
    total.skipped += Number(counts?.[3] ?? 0);
    for (const line of /^Skipped:\n((?: {2}.*\n)+)/m.exec(output)?.[1]?.split('\n') ?? []) {
      if (line.trim()) say(`Skipped: ${line.trim()}`);
    }
  }
  say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}
