import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SMALL_HEAP } from '../../scripts/portal.process.ts';
import { root } from '../../server/paths.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script of this checkout as a process of its own, with the given environment and no more. */
export class Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(file: string, args: string[], env: Record<string, string>) {
    // As npm start and the README run what is built.
    const command = file.endsWith('.ts') ? ['--import', 'tsx', file] : [...SMALL_HEAP, file];
    this.child = spawn(process.execPath, [...command, ...args], {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Waits until its output has this; fails with all of its output when it ends before. */
  async says(pattern: RegExp, seconds = 120): Promise<void> {
    let over = false;
    this.ended.then(() => {
      over = true;
    });
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(30)) {
      if (pattern.test(this.stdout)) return;
      if (over) break;
    }
    throw new Error(`It did not say ${pattern}, but:\n${this.stdout}\n${this.stderr}`);
  }
}

/** Ports that nothing listens on. */
export async function freePorts(): Promise<[number, number, number]> {
  const probes = [createServer(), createServer(), createServer()];
  const ports = await Promise.all(
    probes.map(
      (probe) =>
        new Promise<number>((resolve) => {
          probe.listen(0, '127.0.0.1', () => resolve((probe.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports as [number, number, number];
}
