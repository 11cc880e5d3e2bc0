import { createServer } from 'node:net';
import { BootError } from '../server/boot-error.ts';
import type { PortalName } from '../server/config.ts';

/** @throws BootError naming the first of these ports that another program has, and how to choose another. */
export async function requireFreePorts(ports: Record<PortalName, number>, host: string): Promise<void> {
  if (ports.admin === ports.partner)
    throw new BootError('ADMIN_PORT and PARTNER_PORT are the same: choose two.');
  for (const [portal, port] of Object.entries(ports)) {
    const failure = await tryToListen(port, host);
    if (!failure) continue;
    const setting = `${portal.toUpperCase()}_PORT`;
    const other = `${setting}=${port + 10} npm start`;
    if (failure.code === 'EADDRINUSE') {
      throw new BootError(
        `Port ${port} for the ${portal} portal is taken: stop what uses it, or run ${other}.`,
      );
    }
    throw new BootError(
      `Port ${port} for the ${portal} portal can't be used (${failure.code}): try ${other}.`,
    );
  }
}

function tryToListen(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}
