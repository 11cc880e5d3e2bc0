import { closeSync, fdatasyncSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type Database } from '../../server/db/client.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { runScript, say } from '../run.ts';
import {
  type AuditBenchDatabase,
  startAudit,
  VARIANTS,
  type Variant,
  writerScope,
} from './audit.database.ts';
import { type Work, type WorkName, works } from './audit.work.ts';
import { machine, median } from './bench.report.ts';
import { shuffled } from './bench.worker.ts';

const ROUNDS = Number(process.argv[2] ?? 7);
const MILLISECONDS = 1_500;
const WRITERS = 16;
const two = (number: number) => number.toFixed(2);

interface Spread {
  readonly name: string;
  readonly markets: number;
}

const SPREADS: readonly Spread[] = [
  { name: `${WRITERS} writers in one market`, markets: 1 },
  { name: `${WRITERS} writers, each in a market of its own`, markets: WRITERS },
];

/** Writes per second of several writers, one transaction each after the other. */
async function rate(database: Database, markets: number, work: Work): Promise<number> {
  const start = performance.now();
  let done = 0;
  const writer = async (index: number) => {
    const db = database.scoped(writerScope(index % markets));
    while (performance.now() - start < MILLISECONDS) {
      await work(db, index);
      done++;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)));
  return done / ((performance.now() - start) / 1_000);
}

const NAMES: Readonly<Record<Variant, string>> = {
  off: 'entries without a chain',
  'off again': 'the same once more: the control',
  commit: 'chained at commit (as it is)',
  insert: 'chained at the insert of the entry',
};

type Rates = Record<Variant, number[]>;

/** Interleaved: every round measures every variant, in an order of its own. */
async function measure(
  bench: AuditBenchDatabase,
  database: Database,
  { markets }: Spread,
  work: Work,
): Promise<Rates> {
  const rates: Rates = { off: [], 'off again': [], commit: [], insert: [] };
  for (let round = -1; round < ROUNDS; round++) {
    for (const variant of shuffled(VARIANTS)) {
      await bench.become(variant);
      const found = await rate(database, markets, work);
      if (round >= 0) rates[variant].push(found);
    }
  }
  return rates;
}

function table(rates: Rates): string[] {
  const line = (variant: Variant) => {
    const ratios = rates[variant].map((each, round) => each / rates.off[round]!);
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
    const cells = [NAMES[variant], Math.round(median(rates[variant])), two(median(ratios))];
    return `| ${[...cells, `${two(least)}–${two(most)}`].join(' | ')} |`;
  };
  return ['| | per s | ratio | of rounds |', '| --- | ---: | ---: | ---: |', ...VARIANTS.map(line)];
}

/** What one flush takes on the disk that the database is on, in milliseconds: a market's commits share none. */
function flushTime(): number {
  const file = join(tmpdir(), `bulkhead-flush-${process.pid}`);
  const open = openSync(file, 'w');
  const times = Array.from({ length: 200 }, () => {
    const began = performance.now();
    writeSync(open, Buffer.alloc(8192), 0, 8192, 0);
    fdatasyncSync(open);
    return performance.now() - began;
  });
  closeSync(open);
  rmSync(file);
  return median(times);
}

await runScript('bench:audit', async () => {
  const bench = await startAudit(WRITERS);
  const database = createDatabase({ url: bench.partnerUrl, key: bench.key, poolSize: WRITERS });
  try {
    const postgres = await withClient(bench.superuserUrl, async (client) => {
      const { rows } = await client.query('show server_version');
      return `PostgreSQL ${rows[0].server_version}`;
    });
    const [where, flush] = [machine(postgres), flushTime()];
    const parts: string[] = [];
    for (const name of Object.keys(works) as WorkName[]) {
      for (const spread of SPREADS) {
        const rates = await measure(bench, database, spread, works[name]);
        parts.push(`## ${name}: ${spread.name}`, table(rates).join('\n'));
        say(parts.slice(-2).join('\n'));
      }
    }
    const intro =
      `${where}, ${loadavg()[0]!.toFixed(1)} after. ${WRITERS} writers; one flush of the disk takes ${two(flush)} ms. ${ROUNDS} rounds, interleaved, ${MILLISECONDS / 1_000} s for each measurement; every commit ` +
      'waits for the disk. Ratios are taken inside each round to entries without a chain, then their median. Written by ' +
      '`npm run bench:audit`.';
    const text = ['# The audit chain on and off', intro, ...parts].join('\n\n');
    writeFileSync(join(import.meta.dirname, 'RESULTS.audit.md'), `${text}\n`);
  } finally {
    await database.close();
    await bench.stop();
  }
});
