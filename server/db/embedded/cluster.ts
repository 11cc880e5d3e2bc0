import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootError } from '../../boot-error.ts';
import type { Binaries } from './binaries.ts';
import type { Place } from './place.ts';

/**
 * Makes the data folder if there is none. Collation and character types are the server's own C.UTF-8, the same
 * on every machine, so that an index made here sorts alike elsewhere.
 * @throws BootError when the folder can't be made, belongs to somebody else or is of another major version.
 */
export function ensureCluster(
  place: Place,
  { initdb }: Binaries,
  password: string,
  throwAway: boolean,
): void {
  if (existsSync(join(place.data, 'global/pg_control'))) {
    checkCluster(place, initdb);
    return;
  }
  rmSync(place.data, { recursive: true, force: true });
  const secret = join(place.folder, 'superuser');
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  if (place.account) chownSync(secret, place.account.uid, place.account.gid);
  const run = spawnSync(initdb, initdbArguments(place, secret, throwAway), {
    ...place.account,
    cwd: place.folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  });
  rmSync(secret, { force: true });
  if (run.status === 0) return;
  rmSync(place.data, { recursive: true, force: true });
  throw new BootError(
    `The embedded PostgreSQL could not be set up in ${place.data}: ${run.stderr || run.error}`,
  );
}

function initdbArguments(place: Place, secret: string, throwAway: boolean): string[] {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const entry = ['--username=postgres', `--pwfile=${secret}`, '--auth=scram-sha-256'];
  return [
    `--pgdata=${place.data}`,
    ...locale,
    ...entry,
    '--no-instructions',
    ...(throwAway ? ['--no-sync'] : []),
  ];
}

function checkCluster(place: Place, initdb: string): void {
  const uid = process.getuid?.();
  const owner = statSync(place.data).uid;
  if (uid !== undefined && uid !== 0 && owner !== uid) {
    throw new BootError(
      `${place.data} belongs to another user (${owner}): start as that user, or remove ${place.home}.`,
    );
  }
  const made = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim();
  const have = spawnSync(initdb, ['--version'], { ...place.account, cwd: '/', encoding: 'utf8' }).stdout;
  if (/\d+/.exec(have ?? '')?.[0] === made) return;
  throw new BootError(
    `${place.data} was made by PostgreSQL ${made}, this is ${have?.trim()}: dump it with the old version, or run npm run db:reset.`,
  );
}
