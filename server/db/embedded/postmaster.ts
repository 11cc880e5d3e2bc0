import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BootError } from '../../boot-error.ts';
import type { Binaries } from './binaries.ts';
import type { Place } from './place.ts';

export interface Running {
  readonly pid: number;
  readonly port: number;
}

// The shell becomes the server; a second one waits on a pipe to the process that started it. If that ends without
// a word (SIGKILL, power button on the parent alone), the pipe closes and the server shuts down in good order.
const guarded = `( ( if ! read -r word <&3; then
  [ "$(head -n 1 "$PGDATA/postmaster.pid")" != "$$" ] || kill -INT "$$"
  if [ -n "$BULKHEAD_REMOVE" ]; then
    while [ -e "$PGDATA/postmaster.pid" ]; do sleep 0.1; done
    cd / && rm -rf "\${PGDATA%/data}" "$BULKHEAD_REMOVE"
  fi
fi ) >/dev/null 2>&1 & )
exec "$0" "$@" 3<&-`;

/** The server of this data folder as its own pid file tells, if that process is alive. */
export function runningServer(data: string): (Running & { ready: boolean }) | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    if (!isServer(pid)) return undefined;
    return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/** Starts the server and waits until it answers; on a taken port tries again with another. */
export async function startServer(
  place: Place,
  binaries: Binaries,
  port: number | undefined,
  throwAway: boolean,
  more: Settings = {},
) {
  for (let attempt = 1; ; attempt++) {
    const chosen = attempt === 1 && port !== undefined ? port : await freePort();
    const server = launch(place, binaries, chosen, throwAway, more);
    const failure = await untilReady(place, server);
    if (!failure) return { ...server, port: chosen };
    if (attempt < 5 && failure.includes('could not bind')) continue;
    throw new BootError(`The embedded PostgreSQL did not start: ${failure} (more in ${place.log})`);
  }
}

/** Fast shutdown: open transactions roll back, data is flushed. Waits until the process is gone. */
export async function stopServer(pid: number, seconds = 30): Promise<void> {
  signal(pid, 'SIGINT');
  for (let waited = 0; waited < seconds * 50 && isServer(pid); waited++) await pause(20);
  if (isServer(pid)) signal(pid, 'SIGQUIT');
}

interface Launched {
  readonly pid: number;
  readonly ended: Promise<number | null>;
  readonly leash: Socket;
  /** From here on this process waits for the server: without it, it could end before it hears of the end. */
  waitFor(): void;
  exited: boolean;
}

function launch(
  place: Place,
  binaries: Binaries,
  port: number,
  throwAway: boolean,
  more: Settings,
): Launched {
  const log = openSync(place.log, 'w', 0o644);
  const flags = Object.entries({ ...settings(port, throwAway), ...more }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const removed = throwAway ? { BULKHEAD_REMOVE: place.home } : {};
  const child = spawn('/bin/sh', ['-c', guarded, binaries.postgres, '-D', place.data, ...flags], {
    ...place.account,
    cwd: place.folder,
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', PGDATA: place.data, ...removed },
  });
  closeSync(log);
  const leash = child.stdio[3] as Socket;
  leash.on('error', () => undefined).unref();
  child.unref();
  const launched: Launched = {
    pid: child.pid ?? 0,
    exited: false,
    leash,
    waitFor: () => child.ref(),
    ended: new Promise((resolve) => child.once('exit', resolve).once('error', () => resolve(null))),
  };
  launched.ended.then(() => {
    launched.exited = true;
    // Of a throw-away server the watching shell is told only when its folder is gone too.
    if (!throwAway) launched.leash.end('done\n');
  });
  return launched;
}

type Settings = Readonly<Record<string, string | number>>;

function settings(port: number, throwAway: boolean): Settings {
  const careless = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'on' };
  return {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_wal_size: '512MB',
    log_min_messages: 'warning',
    log_statement: 'none',
    ...(throwAway ? careless : {}),
  };
}

/** Undefined when it answers, else what its log says. */
async function untilReady(place: Place, server: Launched): Promise<string | undefined> {
  for (let waited = 0; waited < 60_000 && !server.exited; waited += 20) {
    const running = runningServer(place.data);
    if (running?.pid === server.pid && running.ready) return undefined;
    await pause(20);
  }
  const lines = readFileSync(place.log, 'utf8').trim().split('\n');
  const told = lines.filter((line) => /FATAL|could not bind|ERROR|error while loading/.test(line));
  return (told.length > 0 ? told : lines.slice(-2)).join('; ') || 'no word from it within 60 seconds';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

// A pid file outlives a crash, and its number may belong to another program by now.
function isServer(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || !signal(pid, 0)) return false;
  try {
    return /postgres|\/bin\/sh/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch (error) {
    return process.platform !== 'linux' || (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
