import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { BENCH_LOGIN, type BenchDatabase } from './bench.database.ts';
import type { Listening, PagesTask } from './bench.pages.ts';
import { shuffled } from './bench.worker.ts';

export const routes = ['bare', 'json', 'html'] as const;
export type Route = (typeof routes)[number];

/** Of each round: requests per second of wall time, and per second that the serving process computed. */
export type Pages = Record<Route, { rate: number; perCore: number }[]>;

interface Target {
  readonly child: ChildProcess;
  readonly port: number;
  readonly path: string;
  readonly headers: Record<string, string>;
}

const CONCURRENCY = 16;

async function serve(kind: PagesTask['kind'], database: BenchDatabase) {
  const child = fork(join(import.meta.dirname, 'bench.pages.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  child.send({ kind, database } satisfies PagesTask);
  const [listening] = (await once(child, 'message')) as [Listening];
  return { child, ...listening };
}

function fetchOnce(
  agent: Agent,
  target: Pick<Target, 'port' | 'path' | 'headers'>,
  body?: object,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, path } = target;
    const headers = { ...target.headers, ...(body ? { 'content-type': 'application/json' } : {}) };
    const sent = request(
      { agent, host: '127.0.0.1', port, path, headers, method: body ? 'POST' : 'GET' },
      (res: IncomingMessage) => {
        let text = '';
        res.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        res.on('end', () =>
          res.statusCode! < 300
            ? resolve(text)
            : reject(new Error(`${path}: ${res.statusCode} ${text.slice(0, 300)}`)),
        );
      },
    );
    sent.on('error', reject).end(body ? JSON.stringify(body) : undefined);
  });
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [usage] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return (usage.user + usage.system) / 1e6;
}

async function slice(agent: Agent, target: Target, milliseconds: number) {
  let done = 0;
  const before = await cpuOf(target.child);
  const start = performance.now();
  const worker = async () => {
    while (performance.now() - start < milliseconds) {
      await fetchOnce(agent, target);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = (performance.now() - start) / 1000;
  return { rate: done / seconds, perCore: done / ((await cpuOf(target.child)) - before) };
}

/** The partner's offers page as HTML and as JSON, against a bare Express route with the same rows. */
export async function measurePages(
  database: BenchDatabase,
  rounds: number,
  milliseconds: number,
): Promise<Pages> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const portal = await serve('portal', database);
  const bare = await serve('bare', database);
  const signIn = { port: portal.port, path: '/api/v1/tokens', headers: {} };
  const { accessToken } = JSON.parse(await fetchOnce(agent, signIn, BENCH_LOGIN)) as { accessToken: string };
  const targets: Record<Route, Target> = {
    bare: { ...bare, path: '/offers', headers: {} },
    json: { ...portal, path: '/api/v1/offers', headers: { authorization: `Bearer ${accessToken}` } },
    html: {
      ...portal,
      path: '/offers',
      headers: { cookie: `${portal.cookie}=${accessToken}`, accept: 'text/html' },
    },
  };
  try {
    return await inRounds(agent, targets, rounds, milliseconds);
  } finally {
    agent.destroy();
    portal.child.kill();
    bare.child.kill();
  }
}

async function inRounds(
  agent: Agent,
  targets: Record<Route, Target>,
  rounds: number,
  milliseconds: number,
): Promise<Pages> {
  const result: Pages = { bare: [], json: [], html: [] };
  for (const route of routes) await slice(agent, targets[route], milliseconds);
  for (let round = 0; round < rounds; round++) {
    for (const route of shuffled(routes))
      result[route].push(await slice(agent, targets[route], milliseconds));
  }
  return result;
}
