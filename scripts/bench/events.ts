import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { withClient } from '../../server/db/setup/connect.ts';
import { runScript, say } from '../run.ts';
import { machine, median } from './bench.report.ts';
import { shuffled } from './bench.worker.ts';
import { type EventsDatabase, MARKETS, startEvents } from './events.database.ts';
import { httpSender, rawSender, type Sender } from './events.senders.ts';

const CONCURRENCY = 64;
const CONNECTIONS = 10;
const names = ['raw', 'raw again', 'intake'] as const;
type Name = (typeof names)[number];

/** Events per second of wall time, and per second that Node computed, senders and server together. */
interface Rate {
  readonly wall: number;
  readonly core: number;
}

async function serve({ env }: EventsDatabase): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, 'events.serve.ts'), {
    execArgv: ['--import', 'tsx', ...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [])],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  child.send(env);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

async function computed(child: ChildProcess | null): Promise<number> {
  const own = process.cpuUsage();
  if (!child) return (own.user + own.system) / 1e6;
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return (own.user + own.system + user + system) / 1e6;
}

interface Target {
  readonly senders: readonly Sender[];
  readonly child: ChildProcess | null;
}

async function slice(
  { senders, child }: Target,
  markets: number,
  count: number,
  milliseconds: number,
): Promise<Rate> {
  let sent = 0;
  const before = await computed(child);
  const start = performance.now();
  await Promise.all(
    senders.map(async (sender) => {
      while (performance.now() - start < milliseconds) {
        await sender.send(Math.floor(Math.random() * markets), count);
        sent += count;
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  return { wall: sent / seconds, core: sent / ((await computed(child)) - before) };
}

interface Case {
  readonly markets: number;
  readonly count: number;
  readonly rates: Record<Name, Rate[]>;
}

async function measure(database: EventsDatabase, rounds: number, milliseconds: number): Promise<Case[]> {
  const { child, port } = await serve(database);
  const pools = [1, 2].map(() => new pg.Pool({ connectionString: database.rawUrl, max: CONNECTIONS }));
  for (const pool of pools) pool.on('error', () => {});
  const each = <T>(make: () => T) => Array.from({ length: CONCURRENCY }, make);
  const targets: Record<Name, Target> = {
    raw: { senders: each(() => rawSender(pools[0]!)), child: null },
    'raw again': { senders: each(() => rawSender(pools[1]!)), child: null },
    intake: { senders: await Promise.all(each(() => httpSender(port))), child },
  };
  const cases: Case[] = [];
  for (const markets of [1, MARKETS]) {
    for (const count of [1, 20, 200]) {
      const rates: Record<Name, Rate[]> = { raw: [], 'raw again': [], intake: [] };
      for (const name of names) await slice(targets[name], markets, count, milliseconds);
      for (let round = 0; round < rounds; round++) {
        for (const name of shuffled(names))
          rates[name].push(await slice(targets[name], markets, count, milliseconds));
      }
      cases.push({ markets, count, rates });
      say(rowOf(cases.at(-1)!));
      // Every case begins with a small table, as the first did.
      await withClient(database.superuserUrl, (client) =>
        client.query('truncate offer_event, rollup_task; checkpoint'),
      );
    }
  }
  for (const { senders } of Object.values(targets)) for (const sender of senders) await sender.close();
  for (const pool of pools) await pool.end();
  child.kill();
  return cases;
}

const ratio = ({ rates }: Case, name: Name, by: keyof Rate) =>
  median(rates[name].map((rate, round) => rate[by] / rates.raw[round]![by]));

function rowOf(one: Case): string {
  const { markets, count, rates } = one;
  const of = (name: Name) => Math.round(median(rates[name].map(({ wall }) => wall))).toLocaleString('en');
  const ratios = [ratio(one, 'raw again', 'wall'), ratio(one, 'intake', 'wall')].map((value) =>
    value.toFixed(2),
  );
  return `| ${markets.toLocaleString('en')} | ${count} | ${of('raw')} | ${ratios[0]} | ${of('intake')} | ${ratios[1]} |`;
}

function report(cases: readonly Case[]): string {
  const met = (is: boolean) => (is ? 'met' : 'NOT MET');
  const controls = cases.map((one) => ratio(one, 'raw again', 'wall'));
  const ratios = cases.map((one) => ratio(one, 'intake', 'wall'));
  const list = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(' / ');
  return [
    '| markets | events a request | raw INSERT, events per s | raw again, ratio | intake, events per s | ratio |\n| ---: | ---: | ---: | ---: | ---: | ---: |',
    ...cases.map(rowOf),
    '',
    `- ${met(controls.every((value) => Math.abs(value - 1) <= 0.05))}: control within 5 %: ${list(controls)}`,
    `- ${met(ratios.every((value) => value >= 0.6))}: at least 0.6 of the raw INSERT: ${list(ratios)}`,
  ].join('\n');
}

await runScript('bench:events', async () => {
  const quick = process.argv.includes('--quick');
  say('A database of 1,000 markets …');
  const { database, stop } = await startEvents();
  try {
    const [rounds, milliseconds] = quick ? [5, 500] : [11, 1_500];
    const about = machine('PostgreSQL 18');
    const text = `# Intake of events against a multi-row INSERT by raw pg\n\n${about}; ${rounds} rounds, slices of ${milliseconds} ms, ${CONCURRENCY} at once, ${CONNECTIONS} connections, every commit synced.\n\n${report(await measure(database, rounds, milliseconds))}`;
    say(`\n${text}`);
    if (!quick) writeFileSync(join(import.meta.dirname, 'RESULTS.events.md'), `${text}\n`);
  } finally {
    await stop();
  }
});
