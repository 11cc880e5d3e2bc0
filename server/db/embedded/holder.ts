import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootError } from '../../boot-error.ts';

const holderFile = (home: string) => join(home, 'holder');

/** Pid of the living process that started the server of this home, if there is one. */
export function livingHolder(home: string): number | undefined {
  try {
    const [pid = '', born] = readFileSync(holderFile(home), 'utf8').trim().split(' ');
    return birth(Number(pid)) === born ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Notes this process as the one that runs the server here. Made exclusively, so that of two processes which start
 * at the same moment one is told.
 * @returns what to call at the end.
 */
export function holdHome(home: string): () => void {
  const holder = livingHolder(home);
  if (holder !== undefined)
    throw new BootError(`Process ${holder} is starting or stopping the database here: try again.`);
  rmSync(holderFile(home), { force: true });
  writeFileSync(holderFile(home), `${process.pid} ${birth(process.pid)}\n`, { flag: 'wx' });
  return () => {
    if (livingHolder(home) === process.pid) rmSync(holderFile(home), { force: true });
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
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return process.platform === 'linux' ? undefined : 'alive';
  }
}
