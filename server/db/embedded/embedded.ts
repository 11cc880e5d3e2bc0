import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { findBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { hold, livingHolder } from './holder.ts';
import { choosePlace, makeHome, recall, remember } from './place.ts';
import { runningServer, startServer, stopServer } from './postmaster.ts';

export interface EmbeddedOptions {
  /** Folder for everything that the server keeps; made when missing. */
  home: string;
  /** The superuser's password, needed again at every start. Random when left out (throw-away servers). */
  password?: string;
  /** No flushing to disk, and the home folder is removed at the end: for tests. */
  throwAway?: boolean;
  /** PostgreSQL settings besides the usual ones, such as `shared_buffers`. */
  settings?: Readonly<Record<string, string | number>>;
}

export interface Embedded {
  readonly host: string;
  readonly port: number;
  /** Address of one database for the superuser `postgres`. */
  superuserUrl(database: string): string;
  /** Settles when the server ends without being asked to. Never for one that another process started. */
  readonly ended: Promise<number | null>;
  /** Fast shutdown if this process started the server; nothing otherwise. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that comes from npm, or joins the one that a living process already runs here. One that
 * outlived the process which started it is stopped and started anew.
 * @throws BootError with one line to act on.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { home, throwAway = false, password = randomBytes(24).toString('base64url') } = options;
  makeHome(home);
  // A folder from mkdtemp is its maker's alone; the server's account has to pass through.
  if (throwAway) chmodSync(home, 0o711);
  const place = choosePlace(home);
  const running = runningServer(place.data);
  if (running) {
    if (livingHolder(home))
      return { ...address(running.port, password), ended: never, stop: async () => undefined };
    await stopServer(running.pid);
  }
  const letGo = hold(
    home,
    (pid) => `Process ${pid} is starting or stopping the database here: try again in a moment.`,
  );
  try {
    // The server's account removes the folder when this process is killed.
    if (throwAway && place.account) chownSync(home, place.account.uid, place.account.gid);
    const binaries = findBinaries(place.folder, place.account);
    ensureCluster(place, binaries, password, throwAway);
    const server = await startServer(place, binaries, recall(home).port, throwAway, options.settings);
    remember(home, { port: server.port });
    const stop = async () => {
      server.waitFor();
      if (!server.exited) await Promise.all([stopServer(server.pid), server.ended]);
      letGo();
      if (!throwAway) return;
      for (const folder of [place.folder, home]) rmSync(folder, { recursive: true, force: true });
      server.leash.end('done\n');
    };
    return { ...address(server.port, password), ended: server.ended, stop };
  } catch (error) {
    letGo();
    throw error;
  }
}

const never = new Promise<never>(() => undefined);

function address(port: number, password: string) {
  const host = '127.0.0.1';
  const superuserUrl = (database: string) => `postgresql://postgres:${password}@${host}:${port}/${database}`;
  return { host, port, superuserUrl };
}
