import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cookieNames } from '../../server/auth/cookies.ts';
import { hashPassword } from '../../server/auth/passwords.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { marketId } from './bench.database.ts';
import type { EventsDatabase } from './events.database.ts';

const LOGIN = { email: 'owner@bench.example', password: 'a password for the benchmark' };

/** A partner process of its own, and somebody signed in to it. */
export interface Target {
  readonly child: ChildProcess;
  readonly port: number;
  readonly token: string;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export interface Work {
  readonly name: string;
  /** How much of the throughput receipts and the trail may cost. */
  readonly aim: number;
  readonly ask: (target: Target, n: number) => Asked;
}

const bearer = ({ token }: Target) => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
});

export const works: readonly Work[] = [
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

/** The product has no switch for its trail: here entries are dropped before they are rows, so nothing chains them either. */
const SKIP_ENTRIES = `
  create function bench_skip() returns trigger language plpgsql as 'begin return null; end';
  create trigger bench_skip before insert on audit_entry for each row execute function bench_skip();
  alter table audit_entry disable trigger bench_skip`;

/** Somebody who signs in, and the means to leave the audit trail out. */
export async function prepare({ superuserUrl }: EventsDatabase): Promise<void> {
  const hash = await hashPassword(LOGIN.password);
  await withClient(superuserUrl, async (client) => {
    await client.query(
      `with person as (insert into partner_user (id, email, password_hash) values (gen_random_uuid(), $2, $3) returning id)
       insert into team_member (market_id, id, user_id, email, name, role, state)
       select $1, gen_random_uuid(), id, $2, 'Owner', 'owner', 'active' from person`,
      [marketId(0), LOGIN.email, hash],
    );
    await client.query(SKIP_ENTRIES);
  });
}

export const keepTrail = ({ superuserUrl }: EventsDatabase, isKept: boolean): Promise<unknown> =>
  withClient(superuserUrl, (client) =>
    client.query(`alter table audit_entry ${isKept ? 'disable' : 'enable'} trigger bench_skip`),
  );

export async function serve({ env }: EventsDatabase, receipts: 'on' | 'off'): Promise<Target> {
  const child = fork(join(import.meta.dirname, 'events.serve.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  child.send({ ...env, RECEIPTS: receipts, LAYER_SAMPLE: '0' });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/tokens`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(LOGIN) },
  });
  if (answer.status !== 201) throw new Error(`No token: ${answer.status} ${await answer.text()}`);
  const { accessToken: token } = (await answer.json()) as { accessToken: string };
  return { child, port, token };
}

/** Seconds that the process has computed, once it has written all its receipts. */
export async function cpuOf({ child }: Target): Promise<number> {
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return (user + system) / 1e6;
}
