import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BootError } from '../server/boot-error.ts';
import type { PortalName } from '../server/config.ts';
import { root } from '../server/paths.ts';

/** A smaller young generation keeps a resting process under 150 MB; `npm run start:*` says the same. */
export const SMALL_HEAP = ['--max-semi-space-size=4'];

/** One portal as a process of its own, told only what `env` holds. */
export interface PortalProcess {
  readonly name: PortalName;
  /** Settles when it has ended, with the one line to show. */
  readonly ended: Promise<string>;
  stop(signal: NodeJS.Signals): void;
}

/**
 * Starts dist/<name>.js. It runs in a process group of its own, so that Ctrl-C reaches it as an orderly SIGTERM from
 * here; over the IPC channel it notices when this process dies. Its log lines go to <home>/logs.
 */
export function startPortal(name: PortalName, env: Record<string, string>, home: string): PortalProcess {
  mkdirSync(join(home, 'logs'), { recursive: true });
  const logFile = join(home, 'logs', `${name}.log`);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [...SMALL_HEAP, join(root, 'dist', `${name}.js`)], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', log, 'pipe', 'ipc'],
  });
  closeSync(log);
  return { name, ended: watch(child, name, logFile), stop: (signal) => void child.kill(signal) };
}

function watch(child: ChildProcess, name: PortalName, logFile: string): Promise<string> {
  let last = '';
  child.stderr?.on('data', (chunk) => {
    const lines = String(chunk).trim().split('\n');
    last = lines.find((line) => line.startsWith(`bulkhead ${name}: `)) ?? lines.at(-1) ?? last;
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`The ${name} portal could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      const reason =
        last.replace(`bulkhead ${name}: `, '') || `${signal ?? `exit code ${code}`}, more in ${logFile}`;
      resolve(`The ${name} portal stopped: ${reason}`);
    });
  });
}

/** Waits until the portal answers on /healthz. @throws BootError with its own words when it ends before that. */
export async function untilHealthy(portal: PortalProcess, port: number, seconds = 60): Promise<void> {
  let failure: string | undefined;
  portal.ended.then((line) => {
    failure = line;
  });
  for (const end = Date.now() + seconds * 1000; Date.now() < end && failure === undefined; await pause(50)) {
    if (await answers(`http://127.0.0.1:${port}/healthz`)) return;
  }
  throw new BootError(
    failure ?? `The ${portal.name} portal does not answer on port ${port} after ${seconds} seconds.`,
  );
}

async function answers(address: string): Promise<boolean> {
  const response = await fetch(address, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.status === 200;
}
