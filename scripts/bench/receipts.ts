import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { withClient } from '../../server/db/setup/connect.ts';
import { runScript, say } from '../run.ts';
import { machine, median } from './bench.report.ts';
import { shuffled } from './bench.worker.ts';
import { type EventsDatabase, startEvents } from './events.database.ts';
import {
  type Asked,
  cpuOf,
  keepTrail,
  prepare,
  serve,
  type Target,
  type Work,
  works,
} from './receipts.targets.ts';

const CONCURRENCY = 16;
/** Rounds that count for nothing. */
const WARM_UP = 2;

interface Variant {
  readonly target: Target;
  readonly hasTrail: boolean;
}

const names = ['off', 'off again', 'receipts', 'on'] as const;
type Name = (typeof names)[number];
type Variants = Readonly<Record<Name, Variant>>;
const titles: Readonly<Record<Name, string>> = {
  off: 'no receipts, no entries in the trail',
  'off again': 'the same once more: the control',
  receipts: 'receipts',
  on: 'receipts and the chained trail: as it is',
};

/** Requests per second of wall time, and per second that the serving process computed. */
interface Rate {
  readonly wall: number;
  readonly core: number;
}

type Rates = Readonly<Record<Name, Rate[]>>;

function send(agent: Agent, port: number, { body, ...asked }: Asked): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, ...asked }, (res) => {
      res.resume();
      res.on('end', () =>
        res.statusCode! < 300 ? resolve() : reject(new Error(`${asked.path}: ${res.statusCode}`)),
      );
    });
    sent.on('error', reject).end(body);
  });
}

let counter = 0;

/** Ends when the receipts are written too, while requests go on, so that none is left to whoever is measured next. */
async function slice(target: Target, work: Work, milliseconds: number): Promise<Rate> {
  // Of its own: a portal closes connections that nobody has used for some seconds.
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let [done, isOver] = [0, false];
  const before = await cpuOf(target);
  const start = performance.now();
  const worker = async () => {
    while (!isOver) {
      await send(agent, target.port, work.ask(target, counter++));
      done++;
    }
  };
  const workers = Promise.all(Array.from({ length: CONCURRENCY }, worker));
  await Promise.race([workers, pause(milliseconds)]);
  await cpuOf(target);
  isOver = true;
  await workers;
  agent.destroy();
  const wall = (done * 1_000) / (performance.now() - start);
  return { wall, core: done / ((await cpuOf(target)) - before) };
}

interface Bench {
  readonly database: EventsDatabase;
  readonly variants: Variants;
  readonly rounds: number;
  readonly milliseconds: number;
}

/** In shuffled order, so that other work on the machine meets all alike. The first rounds warm up. */
async function measure({ database, variants, rounds, milliseconds }: Bench, work: Work): Promise<Rates> {
  const rates: Rates = { off: [], 'off again': [], receipts: [], on: [] };
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const name of shuffled(names)) {
      const { target, hasTrail } = variants[name];
      await keepTrail(database, hasTrail);
      const rate = await slice(target, work, milliseconds);
      if (round >= 0) rates[name].push(rate);
    }
  }
  return rates;
}

const costOf = (rates: Rates, name: Name, of: keyof Rate): number =>
  1 - median(rates[name].map((each, round) => each[of] / rates.off[round]![of]));
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function tableOf({ name, aim }: Work, rates: Rates): string {
  const line = (variant: Name) => {
    const cells = (of: keyof Rate) => [
      median(rates[variant].map((each) => each[of])).toFixed(0),
      percent(costOf(rates, variant, of)),
    ];
    return `| ${[titles[variant], ...cells('wall'), ...cells('core')].join(' | ')} |`;
  };
  const cost = costOf(rates, 'on', 'wall');
  return [
    `## ${name}\n`,
    '| | per s | cost | per s of Node | cost |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...names.map(line),
    `\n- ${cost <= aim ? 'met' : 'NOT MET'}: costs at most ${percent(aim)} of the throughput: ${percent(cost)}`,
  ].join('\n');
}

const KEPT = `select (select count(*) from receipt) as receipts, (select coalesce(sum(lost), 0) from receipt_loss) as lost,
  (select count(*) from audit_entry where subject_type = 'branch') as entries, (select count(*) from branch) as branches`;

async function keptIn({ superuserUrl }: EventsDatabase): Promise<string> {
  const { rows } = await withClient(superuserUrl, (client) => client.query(KEPT));
  const { receipts, lost, entries, branches } = rows[0] as Record<string, string>;
  return `Receipts kept ${receipts}, lost ${lost}; entries ${entries} of ${branches} branches made.`;
}

const notes = (rounds: number, milliseconds: number) =>
  `${machine('PostgreSQL 18')}. ${rounds} rounds of ${milliseconds} ms in shuffled order after ${WARM_UP} of warming up, a process for each line, ${CONCURRENCY} requests at once; every commit waits for the disk. Costs are taken inside each round, then their median. A slice ends when its receipts are written. Without the trail a trigger of the benchmark's own drops entries before they are rows, so that none is stored or chained; the portal sends the statement all the same. Layers are not compared (\`LAYER_SAMPLE=0\`). Written by \`npm run bench:receipts\`.`;

await runScript('bench:receipts', async () => {
  const quick = process.argv.includes('--quick');
  const [rounds, milliseconds] = quick ? [5, 800] : [11, 1_000];
  const parts = ['# Receipts and the audit trail, on and off', notes(rounds, milliseconds)];
  const { database, stop } = await startEvents();
  const targets: Target[] = [];
  const started = async (receipts: 'on' | 'off') => {
    const target = await serve(database, receipts);
    targets.push(target);
    return target;
  };
  try {
    await prepare(database);
    // A process each, so that all have had the same work when they are compared.
    const variants = {
      off: { target: await started('off'), hasTrail: false },
      'off again': { target: await started('off'), hasTrail: false },
      receipts: { target: await started('on'), hasTrail: false },
      on: { target: await started('on'), hasTrail: true },
    };
    for (const work of works) {
      parts.push(tableOf(work, await measure({ database, variants, rounds, milliseconds }, work)));
      say(parts.at(-1)!);
    }
    parts.push(await keptIn(database));
    say(parts.at(-1)!);
    if (!quick) writeFileSync(join(import.meta.dirname, 'RESULTS.receipts.md'), `${parts.join('\n\n')}\n`);
  } finally {
    for (const { child } of targets) child.kill();
    await stop();
  }
});
