import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { createDatabase } from '../../server/db/client.ts';
import type { Direct } from '../../server/db/direct.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { deviceScope } from '../../server/market/scope.ts';
import { pullChanges } from '../../server/sync/pull.queries.ts';
import { pushOperations } from '../../server/sync/push.service.ts';
import { runScript, say } from '../run.ts';
import { marketId } from './bench.database.ts';
import { machine, median } from './bench.report.ts';
import { shuffled } from './bench.worker.ts';
import {
  branchOf,
  deviceOf,
  growHistory,
  MARKETS,
  type SyncDatabase,
  startOver,
  startSync,
  touch,
} from './sync.database.ts';

const CONNECTIONS = 10;
const COLLECTIONS = ['offers', 'claims', 'market', 'branches'];
const HISTORY = [10, 1_000, 100_000, 1_000_000];
const two = (number: number) => number.toFixed(2);
const whole = (number: number) => Math.round(number).toLocaleString('en');

interface Bench {
  readonly database: SyncDatabase;
  /** Of two pools that are alike, for the control. */
  readonly raw: readonly [pg.Pool, pg.Pool];
  readonly till: (market: number) => Direct;
  readonly rounds: number;
}

const codeOf = (claim: number) => claim.toString(16).toUpperCase().padStart(8, '0');
const operationsOf = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ id: uuid(), collection: 'redemptions' },
    data: { code: codeOf(first + index), redeemedAt: new Date().toISOString() },
  }));

type Send = (market: number, first: number, count: number) => Promise<unknown>;

/** The same rows without trigger, policy or context: one statement, its values as one document. */
const bare =
  (pool: pg.Pool): Send =>
  (market, first, count) =>
    pool.query({
      name: 'bare',
      text: `insert into bare_redemption (market_id, device_id, id, branch_id, code, body_hash, device_at, state, redeemed_at)
        select $1, $2, id, $3, code, 'hash', at, 'applied', at
        from json_to_recordset($4) as given (id uuid, code text, at timestamptz)`,
      values: [
        ...[marketId(market), deviceOf(market), branchOf(market)],
        JSON.stringify(
          operationsOf(first, count).map(({ id, data }) => ({ id, code: data.code, at: data.redeemedAt })),
        ),
      ],
    });

const pushed =
  ({ till }: Bench): Send =>
  async (market, first, count) => {
    const push = { operations: operationsOf(first, count), skew: 0, branchId: branchOf(market) };
    const results = await pushOperations(till(market), push);
    if (results.some(({ status }) => status !== 'applied')) throw new Error('A push was not applied');
  };

/** Operations per second, every market's till sending one batch after the other. */
async function rate(send: Send, batch: number, batches: number): Promise<number> {
  const start = performance.now();
  await Promise.all(
    Array.from({ length: MARKETS }, async (_, market) => {
      for (let index = 0; index < batches; index++) await send(market, 1 + index * batch, batch);
    }),
  );
  return (MARKETS * batches * batch) / ((performance.now() - start) / 1_000);
}

const MEASURED = ['bare', 'bare again', 'push'] as const;

async function measurePush(bench: Bench): Promise<string[]> {
  const sends = { bare: bare(bench.raw[0]), 'bare again': bare(bench.raw[1]), push: pushed(bench) };
  const lines: string[] = [];
  for (const [batch, batches] of [
    [1, 40],
    [50, 12],
    [500, 4],
  ] as const) {
    const rates: Record<(typeof MEASURED)[number], number[]> = { bare: [], 'bare again': [], push: [] };
    for (let round = -1; round < bench.rounds; round++) {
      for (const name of shuffled(MEASURED)) {
        await withClient(bench.database.superuserUrl, startOver);
        const found = await rate(sends[name], batch, batches);
        if (round >= 0) rates[name].push(found);
      }
    }
    const ratio = (name: (typeof MEASURED)[number]) =>
      two(median(rates[name].map((each, round) => each / rates.bare[round]!)));
    lines.push(
      `| ${batch} | ${whole(median(rates.bare))} | ${ratio('bare again')} | ${whole(median(rates.push))} | ${ratio('push')} |`,
    );
    say(lines.at(-1)!);
  }
  return lines;
}

const PAGE = 500;
const CHANGES = 10_000;

/** Milliseconds for 10,000 changes in pages of 500, of one market after the other. */
async function measurePull(bench: Bench): Promise<string> {
  const pull = async () => {
    let left = CHANGES;
    for (let market = 0; left > 0; market++) {
      let cursor: string | undefined;
      for (let more = true; more && left > 0; ) {
        const page = await pullChanges(bench.till(market), { collections: COLLECTIONS, cursor, limit: PAGE });
        left -= page.changes.length;
        ({ cursor, more } = page);
      }
    }
  };
  const select = (pool: pg.Pool) => async () => {
    let left = CHANGES;
    for (let market = 0; left > 0; market++) {
      for (let last = '00000000-0000-0000-0000-000000000000'; left > 0; ) {
        const { rows } = await pool.query({
          name: 'bare pull',
          text: `select id, offer_id, code, state, title_en, title_ar, price, currency, claimed_at, expires_at, redeemed_at
            from claim where market_id = $1 and id > $2 order by id limit ${PAGE}`,
          values: [marketId(market), last],
        });
        left -= rows.length;
        if (rows.length < PAGE) break;
        last = rows.at(-1).id;
      }
    }
  };
  const works = { bare: select(bench.raw[0]), 'bare again': select(bench.raw[1]), pull };
  const times = { bare: [] as number[], 'bare again': [] as number[], pull: [] as number[] };
  for (let round = -1; round < bench.rounds; round++) {
    for (const name of shuffled(Object.keys(works) as (keyof typeof works)[])) {
      const start = performance.now();
      await works[name]();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  const ratio = (name: keyof typeof works) =>
    two(median(times[name].map((each, round) => times.bare[round]! / each)));
  return `| ${whole(median(times.bare))} | ${ratio('bare again')} | ${whole(median(times.pull))} | ${ratio('pull')} |`;
}

/** What one pull of 20 changes costs a till that is up to date otherwise, however much has happened before. */
async function measureHistory({ database, till }: Bench, pulls: number): Promise<string[]> {
  const market = 0;
  const page = (cursor?: string) =>
    pullChanges(till(market), { collections: COLLECTIONS, cursor, limit: 500 });
  const lines: string[] = [];
  await withClient(database.superuserUrl, async (client) => {
    await client.query('delete from sync_change where market_id = $1', [marketId(market)]);
    for (const rows of HISTORY) {
      await growHistory(client, market, rows);
      let { cursor, more } = await page();
      while (more) ({ cursor, more } = await page(cursor));
      const times: number[] = [];
      for (let index = 0; index < pulls; index++) {
        await touch(client, market, 20);
        const start = performance.now();
        const found = await page(cursor);
        times.push(performance.now() - start);
        if (found.changes.length !== 20) throw new Error(`${found.changes.length} changes`);
        ({ cursor } = found);
      }
      lines.push(`| ${whole(rows)} | ${two(median(times))} |`);
      say(lines.at(-1)!);
    }
  });
  return lines;
}

await runScript('bench:sync', async () => {
  const quick = process.argv.includes('--quick');
  say(`A database of ${MARKETS} markets …`);
  const { database, stop } = await startSync();
  const pool = () => new pg.Pool({ connectionString: database.rawUrl, max: CONNECTIONS });
  const raw = [pool(), pool()] as const;
  const device = createDatabase({ url: database.deviceUrl, key: database.key, poolSize: CONNECTIONS });
  const till = (market: number) =>
    device.direct(deviceScope(marketId(market), deviceOf(market), 'Till', 'bench'));
  const bench = { database, raw, till, rounds: quick ? 1 : 5 };
  try {
    const head = (cells: string) => `| ${cells} |\n|${' ---: |'.repeat(cells.split('|').length)}`;
    const text = [
      '# Sync against bare statements by pg',
      `${machine('PostgreSQL 18')}; ${bench.rounds} rounds in shuffled order, ${CONNECTIONS} connections each, every commit synced. Services called in the process, without HTTP and proofs; ${MARKETS} tills of as many markets push at once.`,
      'Push against a multi-row INSERT of the same rows. A push also redeems the claims, writes audit and event rows, counts the month and tells other tills.',
      [
        head('operations a batch | bare, per s | bare again, ratio | push, per s | ratio'),
        ...(await measurePush(bench)),
      ].join('\n'),
      'Pull of 10,000 changes in pages of 500, against a SELECT of the same columns by key.',
      [head('bare, ms | bare again, ratio | pull, ms | ratio'), await measurePull(bench)].join('\n'),
      'One pull of 20 changes as the market’s history grows.',
      [head('things in the history | ms'), ...(await measureHistory(bench, quick ? 50 : 200))].join('\n'),
    ].join('\n\n');
    say(`\n${text}`);
    if (!quick) writeFileSync(join(import.meta.dirname, 'RESULTS.sync.md'), `${text}\n`);
  } finally {
    await Promise.all([...raw.map((each) => each.end()), device.close()]);
    await stop();
  }
});
