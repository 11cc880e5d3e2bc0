import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../server/paths.ts';

/** What came of some test files. */
export interface Outcome {
  passed: number;
  /** Full titles. */
  failed: string[];
  /** Full titles with reasons. */
  skipped: string[];
}

/** A process with a database server of its own, which runs the test files that it is handed. */
export class Lane {
  private readonly folder = mkdtempSync(join(tmpdir(), 'bulkhead-lane-'));
  private readonly log = join(this.folder, 'output');
  private readonly child: ChildProcess;
  private readonly ended: Promise<string>;
  private shown = 0;

  constructor() {
    // A file, not a pipe: when a lane says that it is done, all its output is there, its children's too.
    const output = openSync(this.log, 'a');
    this.child = spawn(process.execPath, [...nodeOptions(), join(root, 'test/support/lane.ts')], {
      cwd: root,
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.ended = new Promise((resolve) => {
      this.child.once('error', ({ message }) => resolve(message));
      this.child.once('exit', (code, signal) =>
        resolve(`its process ended with ${signal ?? `code ${code}`}`),
      );
    });
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Runs files together; a lane that ends over them has failed in all of them. */
  async run(files: readonly string[]): Promise<Outcome> {
    const told = new Promise<Outcome>((resolve) => this.child.once('message', resolve));
    this.child.send(files);
    const crashed = this.ended.then((how) => ({ passed: 0, failed: [`${files}: ${how}`], skipped: [] }));
    return Promise.race([told, crashed]);
  }

  /** What was written since the last call. */
  output(): string {
    const all = readFileSync(this.log);
    const text = all.subarray(this.shown).toString('utf8');
    this.shown = all.length;
    return text;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Lets it stop its server and end. @returns its last words. */
  async close(): Promise<string> {
    if (this.child.connected) this.child.disconnect();
    await this.ended;
    const words = this.output();
    rmSync(this.folder, { recursive: true, force: true });
    return words;
  }
}

function nodeOptions(): string[] {
  const settings = JSON.parse(readFileSync(join(root, '.config/mocha.json'), 'utf8'));
  return settings['node-option'].map((option: string) => `--${option}`);
}
