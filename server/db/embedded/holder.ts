import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootError } from '../../boot-error.ts';
import { makeHome } from './place.ts';

const holderFile = (home: string, what: string) => join(home, what);

/** Pid of the living process that holds `what` of this home (by default its database server), if there is one. */
export function livingHolder(home: string, what = 'database.pid'): number | undefined {
  try {
    const [pid = '', born] = readFileSync(holderFile(home, what), 'utf8').trim().split(' ');
    return birth(Number(pid)) === born ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Notes this process as the one that runs `what` here. Made exclusively, so that of two processes which start at
 * the same moment one is told.
 * @returns what to call at the end.
 * @throws BootError with `refusal` when another living process holds it.
 */
export function hold(home: string, refusal: (pid: number) => string, what = 'database.pid'): () => void {
  const file = holderFile(home, what);
  const holder = livingHolder(home, what);
  if (holder !== undefined) throw new BootError(refusal(holder));
  makeHome(home);
  rmSync(file, { force: true });
  try {
    writeFileSync(file, `${process.pid} ${birth(process.pid)}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new BootError(refusal(livingHolder(home, what) ?? 0));
  }
  return () => {
    if (livingHolder(home, what) === process.pid) rmSync(file, { force: true });
  };
}

// Pids are reused: on Linux the time of birth tells two processes of the same number apart.
function birth(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return process.platform === 'linux' ? undefined : 'alive';
  }
}
