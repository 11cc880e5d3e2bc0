import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { BootError } from '../../boot-error.ts';

/** Whom the server runs as. PostgreSQL refuses root, so root hands it to an account of its own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account to switch to, or undefined when this process is not root and simply stays who it is.
 * A data folder that already belongs to somebody keeps its owner: nobody else could open it.
 */
export function serverAccount(dataFolder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return ownerOf(dataFolder) ?? lookUp('postgres') ?? createPostgres() ?? requireNobody();
}

/** Whether that account (or this process itself) can run a program, from a folder that everybody may enter. */
export function canRun(program: string, args: string[], account: Account | undefined) {
  const run = spawnSync(program, args, { ...account, cwd: '/', encoding: 'utf8', env: { LC_ALL: 'C' } });
  return { ok: run.status === 0, reason: (run.stderr || run.error?.message || '').trim() };
}

/** Whether that account can get into a folder; asked of the system itself, so that ACLs count. */
export function canEnter(folder: string, account: Account | undefined): boolean {
  return account === undefined || canRun('/bin/sh', ['-c', 'cd "$0"', folder], account).ok;
}

function ownerOf(folder: string): Account | undefined {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat && stat.uid !== 0 ? { uid: stat.uid, gid: stat.gid } : undefined;
}

function lookUp(name: string): Account | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
  if (uid?.status !== 0 || gid?.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

function createPostgres(): Account | undefined {
  spawnSync('groupadd', ['--system', 'postgres']);
  spawnSync('useradd', ['--system', '--no-create-home', '-g', 'postgres', 'postgres']);
  return lookUp('postgres');
}

function requireNobody(): Account {
  const nobody = lookUp('nobody');
  if (nobody) return nobody;
  throw new BootError(
    'PostgreSQL may not run as root and there is no other account: start as an ordinary user.',
  );
}
