import { createHash } from 'node:crypto';
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BootError } from '../../boot-error.ts';
import { type Account, canEnter, serverAccount } from './account.ts';

/** Where one embedded server keeps its files, whom it runs as, and what is remembered about it. */
export interface Place {
  readonly home: string;
  /** Entered by the server's account: below `home`, or elsewhere when that account can't get there. */
  readonly folder: string;
  readonly data: string;
  readonly log: string;
  readonly account: Account | undefined;
}

interface Memory {
  folder?: string;
  port?: number;
}

/**
 * Chooses the place once and remembers it, so that the data is found again whatever changes around it.
 * A checkout below /root (0700) can't be entered by the server's account: its data then lives in /var/lib.
 * @throws BootError when no folder can be entered and written by the server's account.
 */
export function choosePlace(home: string): Place {
  makeHome(home);
  const remembered = recall(home).folder;
  if (remembered && existsSync(join(remembered, 'data'))) return describe(home, remembered);
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  const own = join(home, 'postgres');
  const elsewhere = [
    join('/var/lib/bulkhead', name),
    join(tmpdir(), `bulkhead-${name}`),
    `/tmp/bulkhead-${name}`,
  ];
  for (const folder of [own, ...(process.getuid?.() === 0 ? elsewhere : [])]) {
    if (!prepare(folder, serverAccount(join(folder, 'data')))) continue;
    remember(home, { folder });
    return describe(home, folder);
  }
  throw new BootError(
    `No folder for the embedded PostgreSQL: ${own} can't be written. Set DATABASE_URL to your own.`,
  );
}

/** The folder of one installation: its owner's alone, but for the server's account, which has to pass through. */
export function makeHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
}

/** The port last used, so that addresses noted by people and tools stay right. */
export function recall(home: string): Memory {
  try {
    return JSON.parse(readFileSync(memoryFile(home), 'utf8'));
  } catch {
    return {};
  }
}

export function remember(home: string, news: Memory): void {
  writeFileSync(memoryFile(home), `${JSON.stringify({ ...recall(home), ...news })}\n`);
}

const memoryFile = (home: string) => join(home, 'postgres.json');

function describe(home: string, folder: string): Place {
  const data = join(folder, 'data');
  return { home, folder, data, log: join(folder, 'server.log'), account: serverAccount(data) };
}

function prepare(folder: string, account: Account | undefined): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    accessSync(folder, constants.W_OK);
    if (account) chownSync(folder, account.uid, account.gid);
    return canEnter(folder, account);
  } catch {
    return false;
  }
}
