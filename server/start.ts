import { createServer, type Server } from 'node:http';
import { createApp } from './app.ts';
import { BootError, bootLine } from './boot-error.ts';
import { type Config, portalConfig } from './config.ts';
import { runBootGuard } from './db/guard/boot-guard.ts';
import { createDeps, type Deps, guardedLogins } from './deps.ts';
import type { Portal } from './portals/portal.ts';

/** Requests under way get this long to finish when the process is told to end. */
const DRAIN_MS = 10_000;

/** Boots one portal: settings, database, guard, jobs, server. Ends the process with one clear line if any is wrong. */
export async function start(portal: Portal): Promise<void> {
  try {
    await boot(portal);
  } catch (error) {
    process.stderr.write(`bulkhead ${portal.name}: ${bootLine(error)}\n`);
    process.exit(1);
  }
}

async function boot(portal: Portal): Promise<void> {
  const config = portalConfig(portal.name);
  await runBootGuard(guardedLogins(portal, config));
  const deps = createDeps(portal, config);
  await deps.database.connect();
  const stopJobs = await portal.startJobs(deps);
  const stopWatching = deps.decoy.start();
  const stopReceipts = deps.receipts?.start();
  const server = createServer(createApp(portal, deps));
  await listen(server, config);
  deps.logger.info({ port: config.port }, 'listening');
  stopOnSignals(server, deps, () => Promise.all([stopJobs(), stopWatching(), stopReceipts?.()]));
}

function listen(server: Server, { port, host }: Config): Promise<void> {
  server.requestTimeout = 60_000;
  server.headersTimeout = 15_000;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isBusy = error.code === 'EADDRINUSE';
      reject(
        isBusy
          ? new BootError(`Port ${port} is in use. Stop what listens there, or set PORT to another.`)
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

/** SIGTERM, SIGINT, or the end of the process that started this one: finish what runs, close, and go. */
function stopOnSignals(server: Server, deps: Deps, stopJobs: () => Promise<unknown>): void {
  let isStopping = false;
  const stop = async (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    deps.logger.info({ reason }, 'stopping');
    deps.drain();
    await Promise.allSettled([closed(server), stopJobs()]);
    await deps.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop('SIGTERM'));
  process.once('SIGINT', () => void stop('SIGINT'));
  if (process.send) process.once('disconnect', () => void stop('the starting process ended'));
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
  });
}
