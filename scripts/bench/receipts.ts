import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { cookieNames } from '../../server/auth/cookies.ts';
import { hashPassword } from '../../server/auth/passwords.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { runScript, say } from '../run.ts';
import { marketId } from './bench.database.ts';
import { machine, median } from './bench.report.ts';
import { shuffled } from './bench.worker.ts';
import { type EventsDatabase, startEvents } from './events.database.ts';

const LOGIN = { email: 'owner@bench.example', password: 'a password for the benchmark' };
const CONCURRENCY = 16;
const names = ['off', 'off again', 'on'] as const;
type Name = (typeof names)[number];

interface Target {
  readonly child: ChildProcess;
  readonly port: number;
  readonly token: string;
}

/** Requests per second of wall time, and per second that the serving process computed. */
interface Rate {
  readonly wall: number;
  readonly core: number;
}

interface Work {
  readonly name: string;
  /** How much of the throughput receipts may cost. */
  readonly aim: number;
  readonly ask: (target: Target, n: number) => Asked;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

const bearer = ({ token }: Target) => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
});
const works: readonly Work[] = [
  {
    ...{ name: 'a list as a page', aim: 0.05 },
    ask: ({ token }) => ({
      ...{ method: 'GET', path: '/offers' },
      headers: { cookie: `${cookieNames('partner').access}=${token}`, accept: 'text/html' },
    }),
  },
  {
    ...{ name: 'the list as JSON', aim: 0.05 },
    ask: (target) => ({ method: 'GET', path: '/api/v1/offers', headers: bearer(target) }),
  },
  {
    ...{ name: 'a write', aim: 0.15 },
    ask: (target, n) => ({
      ...{ method: 'POST', path: '/api/v1/branches', headers: bearer(target) },
      body: JSON.stringify({ nameEn: `Branch ${n}`, nameAr: `فرع ${n}` }),
    }),
  },
];

async function addLogin({ superuserUrl }: EventsDatabase): Promise<void> {
  const hash = await hashPassword(LOGIN.password);
  await withClient(superuserUrl, (client) =>
    client.query(
      `with person as (insert into partner_user (id, email, password_hash) values (gen_random_uuid(), $2, $3) returning id)
       insert into team_member (market_id, id, user_id, email, name, role, state)
       select $1, gen_random_uuid(), id, $2, 'Owner', 'owner', 'active' from person`,
      [marketId(0), LOGIN.email, hash],
    ),
  );
}

async function serve({ env }: EventsDatabase, receipts: 'on' | 'off'): Promise<Target> {
  const child = fork(join(import.meta.dirname, 'events.serve.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  child.send({ ...env, RECEIPTS: receipts });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/tokens`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(LOGIN) },
  });
  if (answer.status !== 201) throw new Error(`No token: ${answer.status} ${await answer.text()}`);
  const { accessToken: token } = (await answer.json()) as { accessToken: string };
  return { child, port, token };
}

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

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return (user + system) / 1e6;
}

let counter = 0;

async function slice(agent: Agent, target: Target, work: Work, milliseconds: number): Promise<Rate> {
  let done = 0;
  const before = await cpuOf(target.child);
  const start = performance.now();
  const worker = async () => {
    while (performance.now() - start < milliseconds) {
      await send(agent, target.port, work.ask(target, counter++));
      done++;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = (performance.now() - start) / 1_000;
  return { wall: done / seconds, core: done / ((await cpuOf(target.child)) - before) };
}

type Rates = Record<Name, Rate[]>;

/** In shuffled order, so that other work on the machine meets both alike. */
async function measure(targets: Record<Name, Target>, work: Work, rounds: number, milliseconds: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const rates: Rates = { off: [], 'off again': [], on: [] };
  for (let round = -1; round < rounds; round++) {
    for (const name of shuffled(names)) {
      const rate = await slice(agent, targets[name], work, milliseconds);
      if (round >= 0) rates[name].push(rate);
    }
  }
  agent.destroy();
  return rates;
}

const rateOf = (rates: Rates, name: Name, of: keyof Rate) => median(rates[name].map((each) => each[of]));
const costOf = (rates: Rates, name: Name, of: keyof Rate) =>
  1 - rateOf(rates, name, of) / rateOf(rates, 'off', of);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function rowOf({ name, aim }: Work, rates: Rates): string {
  const cells = (of: keyof Rate) => [
    rateOf(rates, 'off', of).toFixed(0),
    percent(costOf(rates, 'off again', of)),
    rateOf(rates, 'on', of).toFixed(0),
    percent(costOf(rates, 'on', of)),
  ];
  const verdict = costOf(rates, 'on', 'wall') <= aim ? 'met' : 'NOT MET';
  return `| ${[name, ...cells('wall'), ...cells('core'), `≤ ${percent(aim)}: ${verdict}`].join(' | ')} |`;
}

const HEAD = `| work | off, 1/s | again: the control | on, 1/s | cost | off, 1/CPU s | control | on, 1/CPU s | cost | aim |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |`;

await runScript('bench:receipts', async () => {
  const quick = process.argv.includes('--quick');
  const [rounds, milliseconds] = quick ? [5, 1_500] : [9, 5_000];
  const { database, stop } = await startEvents();
  try {
    await addLogin(database);
    const [off, on] = [await serve(database, 'off'), await serve(database, 'on')];
    const targets = { off, 'off again': off, on };
    const rows: string[] = [];
    for (const work of works) rows.push(rowOf(work, await measure(targets, work, rounds, milliseconds)));
    for (const { child } of [off, on]) child.kill();
    say(`${machine('PostgreSQL 18')}. ${rounds} rounds of ${milliseconds} ms in shuffled order, medians.\n`);
    say([HEAD, ...rows].join('\n'));
    const kept = await withClient(database.superuserUrl, (client) =>
      client.query(
        'select (select count(*) from receipt) as kept, (select sum(lost) from receipt_loss) as lost',
      ),
    );
    say(`\nReceipts kept ${kept.rows[0].kept}, lost ${kept.rows[0].lost ?? 0}`);
  } finally {
    await stop();
  }
});
