import { createServer } from 'node:net';
import { BootError } from '../server/boot-error.ts';

/** What listens on a port, and the setting that chooses another one. */
export interface PortUse {
  readonly what: string;
  readonly setting: string;
  readonly port: number;
}

/** @throws BootError naming the first of these ports that another program or another of them has, and how to choose another. */
export async function requireFreePorts(uses: readonly PortUse[], host: string): Promise<void> {
  for (const [index, { what, setting, port }] of uses.entries()) {
    const same = uses.slice(0, index).find((other) => other.port === port);
    if (same) throw new BootError(`${same.setting} and ${setting} are the same: choose two.`);
    const failure = await tryToListen(port, host);
    if (!failure) continue;
    const other = `${setting}=${port + 10} npm start`;
    if (failure.code === 'EADDRINUSE')
      throw new BootError(`Port ${port} for ${what} is taken: stop what uses it, or run ${other}.`);
    throw new BootError(`Port ${port} for ${what} can't be used (${failure.code}): try ${other}.`);
  }
}

function tryToListen(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}
