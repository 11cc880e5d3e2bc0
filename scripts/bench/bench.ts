import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withClient } from '../../server/db/setup/connect.ts';
import { runScript, say } from '../run.ts';
import { type BenchServer, BUFFERS, startBenchServer } from './bench.database.ts';
import { measurePages } from './bench.http.ts';
import {
  growthTable,
  growthVerdicts,
  machine,
  pagesTable,
  throughputTable,
  type Verdict,
  verdicts,
} from './bench.report.ts';
import type { Growth, GrowthTask, Throughput, ThroughputTask } from './bench.worker.ts';

const concurrencies = [1, 16, 64];

/** `--quick` is one process with short slices and small databases: a look, not a measurement. */
const sizes = (quick: boolean) =>
  quick
    ? { sets: 1, rounds: 5, slice: 250, markets: [10, 1_000], growthRounds: 3, queries: 200 }
    : { sets: 3, rounds: 15, slice: 200, markets: [10, 1_000, 20_000], growthRounds: 9, queries: 300 };

/** Each task in a process of its own, so that one's compiled code and heap don't favour another. */
function inProcess<T>(task: ThroughputTask | GrowthTask): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'bench.worker.ts'), {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    child.once('message', (result) => resolve(result as T));
    child.once('exit', (code) => code && reject(new Error(`A measuring process ended with ${code}`)));
    child.send(task);
  });
}

const listed = (all: readonly Verdict[]) =>
  all.map(({ text, met }) => `- ${met ? 'met' : 'NOT MET'}: ${text}`).join('\n');

async function measure(server: BenchServer, quick: boolean): Promise<string> {
  const { sets, rounds, slice, markets, growthRounds, queries } = sizes(quick);
  const databases = [];
  for (const count of markets) {
    say(`A database of ${count} markets …`);
    databases.push(await server.database(count));
  }
  const database = databases.find((one) => one.markets === 1_000)!;
  const postgres = await withClient(database.partnerUrl, async (client) => {
    const { rows } = await client.query('show server_version');
    return `PostgreSQL ${rows[0].server_version}`;
  });
  const about = machine(postgres);
  const results: Throughput[] = [];
  for (let set = 0; set < sets; set++) {
    say(`Throughput, process ${set + 1} of ${sets} …`);
    results.push(await inProcess<Throughput>({ kind: 'throughput', database, rounds, slice, concurrencies }));
  }
  say('Pages …');
  const pages = await measurePages(database, rounds, slice * 2);
  say('Growth …');
  const growth = await inProcess<Growth>({ kind: 'growth', databases, rounds: growthRounds, queries });
  return [
    `# Benchmark${quick ? ' (quick)' : ''}`,
    'Made by `npm run bench`. Ratios are taken inside interleaved rounds in shuffled order, then their median.',
    `${about}. ${sets} process(es), ${rounds} rounds, slices of ${slice} ms, 10 connections a variant, ${BUFFERS} of shared buffers.`,
    '## Throughput, as a ratio to unscoped Prisma',
    throughputTable(results, concurrencies, 'wall'),
    listed(verdicts(results, concurrencies)),
    'The same by the time that the Node process itself computed, which leaves out PostgreSQL and other work on the machine:',
    throughputTable(results, concurrencies, 'core'),
    '## Whole pages over HTTP',
    pagesTable(pages),
    '## Growth with the number of markets',
    growthTable(growth),
    listed(growthVerdicts(growth)),
  ].join('\n\n');
}

await runScript('bench', async () => {
  const quick = process.argv.includes('--quick');
  const server = await startBenchServer();
  try {
    const report = await measure(server, quick);
    say(`\n${report}`);
    // A quick look must not replace a measurement.
    if (!quick) writeFileSync(join(import.meta.dirname, 'RESULTS.md'), `${report}\n`);
  } finally {
    await server.stop();
  }
});
