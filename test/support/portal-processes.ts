import { readFileSync } from 'node:fs';
import { build } from '../../scripts/build.steps.ts';
import type { PortalName } from '../../server/config.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { Browser } from './browser.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { givePasswords, type Login, portalEnv } from './http.ts';
import { freePorts, Started } from './started.ts';
import { insertTwoMarkets } from './two-markets.ts';

/** A portal as a process of its own, from dist/, as production runs it. */
export interface RunningPortal {
  readonly process: Started;
  readonly url: string;
  browser(): Browser;
  token(login: Login): Promise<string>;
  /** SIGTERM, and what it left behind. */
  stop(): Promise<{ code: number | null; stderr: string }>;
}

type Env = Record<string, string>;

let built: Promise<void> | undefined;

/** dist/ as the sources are now; once a run. */
export function buildOnce(): Promise<void> {
  built ??= build({ onlyIfStale: true });
  return built;
}

export async function twoMarketsDatabase(): Promise<TestDatabase> {
  const database = await testDatabase();
  await withClient(database.superuserUrl, insertTwoMarkets);
  await givePasswords(database);
  return database;
}

/** Starts a portal and says nothing about whether it will live. */
export function spawnPortal(portal: PortalName, database: TestDatabase, changes: Env = {}): Started {
  return new Started(`dist/${portal}.js`, [], { ...portalEnv(portal, database), ...changes });
}

export async function runPortal(
  portal: PortalName,
  database: TestDatabase,
  changes: Env = {},
): Promise<RunningPortal> {
  const [port] = await freePorts();
  const process = spawnPortal(portal, database, { PORT: String(port), HOST: '127.0.0.1', ...changes });
  await process.says(/"listening"/);
  const url = `http://127.0.0.1:${port}`;
  const browser = () => new Browser(url);
  return {
    ...{ process, url, browser },
    token: async ({ email, password }) => {
      const { body } = await browser().api('post', '/tokens', { body: { email, password } });
      return body.accessToken;
    },
    stop: async () => {
      process.child.kill('SIGTERM');
      return process.ended;
    },
  };
}

/** Resident memory of a process in MB, where the system tells. */
export function residentMegabytes({ child }: Started): number | undefined {
  try {
    const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
    return found ? Math.round(Number(found[1]) / 1024) : undefined;
  } catch {
    return undefined;
  }
}
