import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
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
  // A file, not a pipe: when a lane says that it is done, all its output is there, its children's too.
  private readonly log = nameless();
  private readonly child: ChildProcess;
  private readonly ended: Promise<string>;
  private shown = 0;

  constructor() {
    this.child = spawn(process.execPath, [...nodeOptions(), join(root, 'test/support/lane.ts')], {
      cwd: root,
      stdio: ['ignore', this.log, this.log, 'ipc'],
    });
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

  /** Runs one file; a lane that ends over it has failed. */
  async run(file: string): Promise<Outcome> {
    const told = new Promise<Outcome>((resolve) => this.child.once('message', resolve));
    this.child.send(file);
    const crashed = this.ended.then((how) => ({ passed: 0, failed: [`${file}: ${how}`], skipped: [] }));
    return Promise.race([told, crashed]);
  }

  /** What was written since the last call. */
  output(): string {
    const text = Buffer.alloc(fstatSync(this.log).size - this.shown);
    this.shown += readSync(this.log, text, 0, text.length, this.shown);
    return text.toString('utf8');
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Lets it stop its server and end. @returns what came of that. */
  async close(): Promise<Outcome> {
    if (this.child.connected) this.child.disconnect();
    const how = await this.ended;
    process.stdout.write(this.output());
    closeSync(this.log);
    return {
      passed: 0,
      failed: this.child.exitCode === 0 ? [] : [`a lane, when all was over: ${how}`],
      skipped: [],
    };
  }
}

/** Gone from its folder at once, so that nothing is left of it however this process ends. */
function nameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-lane-'));
  const file = openSync(join(folder, 'output'), 'a+');
  rmSync(folder, { recursive: true });
  return file;
}

function nodeOptions(): string[] {
  const settings = JSON.parse(readFileSync(join(root, '.config/mocha.json'), 'utf8'));
  return settings['node-option'].map((option: string) => `--${option}`);
}
