import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cookieNames } from '../../server/auth/cookies.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { runScript, say } from '../run.ts';
import { emailOf, fillFigures, PASSWORD, SIZES } from './analytics.database.ts';
import { marketId } from './bench.database.ts';
import { machine, median } from './bench.report.ts';
import { shuffled } from './bench.worker.ts';
import { type EventsDatabase, startEvents } from './events.database.ts';

const names = ['small', 'small again', 'large'] as const;
type Name = (typeof names)[number];

const DAY = 86_400_000;
const day = (back: number) => new Date(Date.now() - back * DAY).toISOString().slice(0, 10);
const paths = [
  '/analytics',
  '/analytics?range=90',
  `/analytics?range=custom&from=${day(360)}&to=${day(2)}`,
  '/analytics/offers',
  '/',
] as const;

async function serve({ env }: EventsDatabase): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, 'events.serve.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  child.send(env);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

async function signIn(origin: string, email: string): Promise<string> {
  const answer = await fetch(`${origin}/api/v1/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  if (answer.status !== 201) throw new Error(`No token: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

/** Milliseconds of one request, its page read to the end. */
async function ask(url: string, token: string): Promise<number> {
  const start = performance.now();
  const answer = await fetch(url, {
    headers: { cookie: `${cookieNames('partner').access}=${token}`, accept: 'text/html' },
  });
  const text = await answer.text();
  if (answer.status !== 200 || text.length < 5_000) throw new Error(`${answer.status} ${text.slice(0, 300)}`);
  return performance.now() - start;
}

type Times = Record<Name, number[]>;

/** One request at a time, in shuffled order, so that other work on the machine meets all of them alike. */
async function measure(origin: string, path: string, tokens: Record<Name, string>, rounds: number) {
  const times: Times = { small: [], 'small again': [], large: [] };
  for (let round = -5; round < rounds; round++) {
    for (const name of shuffled(names)) {
      const took = await ask(origin + path, tokens[name]);
      if (round >= 0) times[name].push(took);
    }
  }
  return times;
}

const ratio = (times: Times, name: Name) => median(times[name]) / median(times.small);

function rowOf(path: string, times: Times): string {
  const shown = path.replace(/from=.*/, '… (359 days)');
  const ms = (name: Name) => `${median(times[name]).toFixed(1)} ms`;
  return `| \`${shown}\` | ${ms('small')} | ${ratio(times, 'small again').toFixed(2)} | ${ms('large')} | ${ratio(times, 'large').toFixed(2)} |`;
}

async function rowsOf({ superuserUrl }: EventsDatabase): Promise<string> {
  return withClient(superuserUrl, async (client) => {
    const lines = await Promise.all(
      (['small', 'large'] as const).map(async (name) => {
        const { rows } = await client.query(
          `select (select sum(events)::int from event_day where market_id = $1) as events,
             (select sum(events)::int from event_hour where market_id = $1) as by_hour,
             (select count(*)::int from event_day where market_id = $1) as days, (select count(*)::int from claim where market_id = $1) as claims`,
          [marketId(SIZES[name].market)],
        );
        const { events, by_hour: byHour, days, claims } = rows[0] as Record<string, number>;
        if (events !== byHour) throw new Error(`The rollups of ${name} disagree: ${events} and ${byHour}`);
        const n = (value: number | undefined) => value!.toLocaleString('en');
        return `- ${name}: ${n(events)} events in ${n(days)} rows of \`event_day\`, ${n(claims)} claims`;
      }),
    );
    return lines.join('\n');
  });
}

await runScript('bench:analytics', async () => {
  const quick = process.argv.includes('--quick');
  const { database, stop } = await startEvents();
  try {
    say('Ten million events and ten thousand …');
    await fillFigures(database, SIZES.small);
    await fillFigures(database, SIZES.large);
    await withClient(database.superuserUrl, (client) => client.query('vacuum analyze'));
    const filled = await rowsOf(database);
    say(filled);
    const about = machine('PostgreSQL 18');
    const { child, port } = await serve(database);
    const origin = `http://127.0.0.1:${port}`;
    const tokenOf = (size: keyof typeof SIZES) => signIn(origin, emailOf(SIZES[size]));
    const small = await tokenOf('small');
    const tokens = { small, 'small again': small, large: await tokenOf('large') };
    const results: [string, Times][] = [];
    for (const path of paths) {
      results.push([path, await measure(origin, path, tokens, quick ? 40 : 200)]);
      say(rowOf(...results.at(-1)!));
    }
    child.kill();
    const [, page] = results[0]!;
    const report = [
      '# Analytics of a large market against a small one',
      `${about}. A year of events, counted ahead as the job does; one request at a time, ${quick ? 40 : 200} each in shuffled order, medians.`,
      filled,
      `| page | 10 thousand events | again: the control | 10 million | ratio |\n| --- | ---: | ---: | ---: | ---: |\n${results.map((each) => rowOf(...each)).join('\n')}`,
      `- ${ratio(page, 'large') <= 2 ? 'met' : 'NOT MET'}: the analytics page within 2 × : ${ratio(page, 'large').toFixed(2)}`,
    ].join('\n\n');
    say(`\n${report}`);
    if (!quick) writeFileSync(join(import.meta.dirname, 'RESULTS.analytics.md'), `${report}\n`);
  } finally {
    await stop();
  }
});
