import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { pino } from 'pino';
import { seed } from '../../prisma/seed.ts';
import { createApp } from '../../server/app.ts';
import { LIMITS } from '../../server/auth/throttle.ts';
import { portalConfig } from '../../server/config.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { createDeps, type Deps } from '../../server/deps.ts';
import { admin } from '../../server/portals/admin.ts';
import { partner } from '../../server/portals/partner.ts';
import type { Portal } from '../../server/portals/portal.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { portalEnv } from './http.ts';
import { freePorts } from './started.ts';

/** Both portals with the demo data, as a browser meets them: links in mails and pages lead to their real addresses. */
export interface DemoPortals {
  readonly admin: string;
  readonly partner: string;
  readonly mailboxDir: string;
  /** Rows as the superuser sees and writes them. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The same on one connection. */
  direct<Result>(work: (client: ClientBase) => Promise<Result>): Promise<Result>;
  /** From now on the servers believe that it is this much later. */
  setAhead(ms: number): void;
  /** Takes the partner portal off the network, until what it gives back is called. */
  cut(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

interface Running {
  readonly server: Server;
  readonly deps: Deps;
  readonly stopJobs: () => Promise<void>;
}

// A browser signs in and writes more often than a person would; the limits have tests of their own.
const limits = { ...LIMITS, writesPerMinute: 1_000_000, failuresPerAddress: 100_000, mailsPerHour: 100_000 };

export async function startDemoPortals(): Promise<DemoPortals> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-browser-'));
  const uploadsDir = join(folder, 'uploads');
  const mailboxDir = join(folder, 'mailbox');
  const [database, ports] = await Promise.all([testDatabase(), freePorts()]);
  await seed({ url: database.superuserUrl, uploadsDir });
  const urls = { admin: `http://localhost:${ports[0]}`, partner: `http://localhost:${ports[1]}` };
  let ahead = 0;
  const clock = () => new Date(Date.now() + ahead);
  const boot = (portal: Portal, port: number) => {
    const env = {
      ...portalEnv(portal.name, database),
      ...{ PORT: `${port}`, PUBLIC_URL: urls[portal.name], PARTNER_URL: urls.partner },
      ...{ UPLOADS_DIR: uploadsDir, MAILBOX_DIR: mailboxDir },
    };
    return start(portal, env, clock);
  };
  const running = await Promise.all([boot(admin, ports[0]), boot(partner, ports[1])]);
  return {
    ...urls,
    mailboxDir,
    sql: (text, values) =>
      withClient(database.superuserUrl, async (client) => (await client.query(text, values)).rows),
    direct: (work) => withClient(database.superuserUrl, work),
    setAhead: (ms) => {
      ahead = ms;
    },
    cut: async () => {
      await silence(running[1]!.server);
      return () => listen(running[1]!.server, ports[1]);
    },
    close: () => stop(running, database, folder),
  };
}

async function start(portal: Portal, env: Record<string, string>, clock: () => Date): Promise<Running> {
  const config = portalConfig(portal.name, env);
  const deps = createDeps(portal, config, {
    logger: pino({ level: process.env.TEST_LOG ?? 'silent' }),
    ...{ limits, clock },
  });
  const stopReceipts = deps.receipts?.start();
  const stopJobs = await portal.startJobs(deps);
  const server = createServer(createApp(portal, deps));
  await listen(server, config.port);
  const stop = async () => {
    await stopJobs();
    await stopReceipts?.();
  };
  return { server, deps, stopJobs: stop };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));

async function silence(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function stop(running: Running[], database: TestDatabase, folder: string): Promise<void> {
  for (const { server, deps, stopJobs } of running) {
    await silence(server);
    await stopJobs();
    await deps.close();
  }
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
}
