import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { v7 } from 'uuid';
import { createDatabase, type Database, type ScopedClient } from '../../server/db/client.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { createUploads } from '../../server/images/uploads.ts';
import { checkImport, createImport, startImport } from '../../server/imports/imports.service.ts';
import { importJob } from '../../server/jobs/import.job.ts';
import type { JobLog } from '../../server/jobs/log.ts';
import { createQueue, type Queue } from '../../server/jobs/queue.ts';
import { root } from '../../server/paths.ts';
import { superuserPool, type TestDatabase, testDatabase } from '../support/database.ts';
import { amber, insertTwoMarkets, partnerScope } from '../support/two-markets.ts';

const PRODUCTS = 2_000;
/** Every tenth product is wrong. */
const WRONG = PRODUCTS / 10;
const RIGHT = PRODUCTS - WRONG;
const quiet: JobLog = { debug() {}, info() {}, warn() {}, error() {} };

describe('import job', () => {
  let database: TestDatabase;
  let client: Database;
  let db: ScopedClient;
  let folder: string;
  const queues: Queue[] = [];

  before(async () => {
    database = await testDatabase();
    await withClient(database.superuserUrl, insertTwoMarkets);
    superuser = superuserPool(database, 2);
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-jobs-'));
    client = createDatabase({
      url: database.url('bulkhead_partner'),
      key: database.contextKeys.partner[0]!,
    });
    db = client.scoped(partnerScope(amber, 'manager'));
  });
  beforeEach(async () => {
    await sql('delete from import_job');
    await sql(`delete from offer where import_key like 'p-%'`);
  });
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.stop();
  });
  after(async () => {
    await client.close();
    await superuser.end();
    rmSync(folder, { recursive: true });
  });

  // Open all the time: it is asked every few milliseconds.
  let superuser: pg.Pool;
  const sql = <Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> =>
    superuser.query(text, values).then(({ rows }) => rows as Row[]);
  const uploads = () => createUploads(folder);
  const clock = () => new Date();
  const makeQueue = () => {
    const queue = createQueue({ url: database.url('bulkhead_partner_gate'), log: quiet, sweepInterval: 500 });
    queues.push(queue);
    return queue;
  };
  const handlers = () => ({
    import: importJob({ database: client, uploads: uploads(), clock, logger: quiet }),
  });
  const job = async (id: string) =>
    (
      await sql<{ state: string; processed: number; created: number; updated: number; failed: number }>(
        'select state, processed, created, updated, failed from import_job where id = $1',
        [id],
      )
    )[0]!;
  const until = async (id: string, check: (row: Awaited<ReturnType<typeof job>>) => boolean) => {
    for (let tries = 0; tries < 3_000; tries++) {
      const row = await job(id);
      if (check(row)) return row;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`import did not get there: ${JSON.stringify(await job(id))}`);
  };

  async function queued(queue: Queue): Promise<string> {
    const id = v7();
    mkdirSync(join(folder, amber.marketId), { recursive: true });
    const lines = Array.from(
      { length: PRODUCTS },
      (_, n) => `p-${n},Product ${n},${n % 10 === 9 ? 'wrong' : n}`,
    );
    writeFileSync(uploads().path(amber.marketId, `${id}.csv`), `Handle,Title,Price\n${lines.join('\n')}\n`);
    await createImport(db, { uploads: uploads() }, { id, fileName: 'many.csv' });
    const mapping = { handle: 0, title: 1, price: 2 };
    await checkImport(db, { uploads: uploads() }, id, {
      locale: 'en',
      price: 'first',
      hidden: 'skip',
      submission: 'none',
      mapping,
    });
    await startImport(db, { queue }, id);
    return id;
  }

  async function mustBeWhole(id: string): Promise<void> {
    assert.deepEqual(await job(id), {
      state: 'done',
      processed: PRODUCTS,
      created: RIGHT,
      updated: 0,
      failed: WRONG,
    });
    const [offers] = await sql(
      `select count(*)::int as count, count(distinct import_key)::int as keys from offer where import_key like 'p-%'`,
    );
    assert.deepEqual(offers, { count: RIGHT, keys: RIGHT });
    const [problems] = await sql(
      'select count(*)::int as count, count(distinct row)::int as rows from import_error where import_id = $1',
      [id],
    );
    assert.deepEqual(problems, { count: WRONG, rows: WRONG });
    const ends = await sql(
      `select details from audit_entry where subject_id = $1 and action = 'import.finish'`,
      [id],
    );
    assert.deepEqual(ends, [
      { details: { total: PRODUCTS, created: RIGHT, updated: 0, failed: WRONG, skipped: 0 } },
    ]);
    // The file goes after the last commit.
    const files = () => readdirSync(join(folder, amber.marketId));
    for (let tries = 0; files().length > 0 && tries < 500; tries++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(files(), []);
  }

  it('that is killed mid-way goes on in the next process, and every product is there once', async () => {
    const queue = makeQueue();
    const id = await queued(queue);
    const child = spawnRunner(database, folder);
    await once(child, 'message');
    const { processed } = await until(id, (row) => row.processed > 0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const stopped = await job(id);
    assert.ok(stopped.processed < PRODUCTS, `killed too late, at ${processed}`);
    const [written] = await sql<{ count: number }>(
      `select count(*)::int as count from offer where import_key like 'p-%'`,
    );
    assert.equal(written?.count, stopped.created, 'what is written and what is counted are one');
    await queue.start(handlers());
    await until(id, ({ state }) => state === 'done');
    await mustBeWhole(id);
  });

  it('that is asked to stop comes to the end of its chunk, and goes on later', async () => {
    const first = makeQueue();
    const id = await queued(first);
    await first.start(handlers());
    await until(id, (row) => row.processed > 0);
    await first.stop();
    const stopped = await job(id);
    assert.equal(stopped.state, 'running');
    assert.ok(stopped.processed > 0 && stopped.processed < PRODUCTS && stopped.processed % 100 === 0);
    await makeQueue().start(handlers());
    await until(id, ({ state }) => state === 'done');
    await mustBeWhole(id);
  });

  it('that runs twice at the same time writes nothing twice', async () => {
    const queue = makeQueue();
    const id = await queued(queue);
    const payload = { marketId: amber.marketId, memberId: amber.manager, importId: id };
    const run = handlers().import;
    const { signal } = new AbortController();
    await Promise.all([1, 2, 3].map(() => run(payload, { attempt: 1, isLastAttempt: false, signal })));
    await until(id, ({ state }) => state === 'done');
    await mustBeWhole(id);
  });

  it('runs again without harm after it is done', async () => {
    const queue = makeQueue();
    const id = await queued(queue);
    const payload = { marketId: amber.marketId, memberId: amber.manager, importId: id };
    const { signal } = new AbortController();
    for (let n = 0; n < 2; n++)
      await handlers().import(payload, { attempt: 1, isLastAttempt: false, signal });
    await mustBeWhole(id);
  });

  it('of two files with the same keys, run side by side, makes one offer of each key', async () => {
    const queue = makeQueue();
    const ids = [await queued(queue), await queued(queue)];
    const { signal } = new AbortController();
    await Promise.all(
      ids.map((importId) =>
        handlers().import(
          { marketId: amber.marketId, memberId: amber.manager, importId },
          { attempt: 1, isLastAttempt: false, signal },
        ),
      ),
    );
    const rows = await Promise.all(ids.map(job));
    assert.deepEqual(
      rows.map(({ state, processed, failed }) => [state, processed, failed]),
      Array(2).fill(['done', PRODUCTS, WRONG]),
    );
    assert.equal(rows[0]!.created + rows[1]!.created, RIGHT);
    assert.equal(rows[0]!.updated + rows[1]!.updated, RIGHT);
  });

  it('writes no further chunk once its member is removed', async () => {
    const queue = makeQueue();
    const id = await queued(queue);
    await queue.start(handlers());
    await until(id, (row) => row.processed > 0);
    await sql(`update team_member set state = 'removed' where id = $1`, [amber.manager]);
    try {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { processed, state } = await job(id);
      assert.equal(state, 'running');
      assert.ok(processed < PRODUCTS);
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal((await job(id)).processed, processed);
    } finally {
      await sql(`update team_member set state = 'active' where id = $1`, [amber.manager]);
    }
    await startImport(client.scoped(partnerScope(amber, 'owner')), { queue }, id);
    await until(id, ({ state }) => state === 'done');
    await mustBeWhole(id);
  });

  it('that keeps failing is given up on its last attempt, and says so', async () => {
    const queue = makeQueue();
    const id = await queued(queue);
    await sql('alter table offer add constraint unlucky check (price <> 1500)');
    try {
      const payload = { marketId: amber.marketId, memberId: amber.manager, importId: id };
      const { signal } = new AbortController();
      await assert.rejects(handlers().import(payload, { attempt: 1, isLastAttempt: false, signal }));
      assert.equal((await job(id)).state, 'running');
      await assert.rejects(handlers().import(payload, { attempt: 5, isLastAttempt: true, signal }));
      assert.equal((await job(id)).state, 'failed');
    } finally {
      await sql('alter table offer drop constraint unlucky');
    }
    const [end] = await sql('select failure from import_job where id = $1', [id]);
    assert.deepEqual(end, { failure: 'internal' });
  });
});

/** The job as a process of its own runs it. */
function spawnRunner(database: TestDatabase, folder: string) {
  const script = `
    import { createDatabase } from '${join(root, 'server/db/client.ts')}';
    import { createUploads } from '${join(root, 'server/images/uploads.ts')}';
    import { importJob } from '${join(root, 'server/jobs/import.job.ts')}';
    import { createQueue } from '${join(root, 'server/jobs/queue.ts')}';
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const { url, gateUrl, key, folder } = JSON.parse(process.env.RUNNER);
    const database = createDatabase({ url, key: { ...key, key: Buffer.from(key.key, 'base64') } });
    const queue = createQueue({ url: gateUrl, log });
    const job = importJob({ database, uploads: createUploads(folder), clock: () => new Date(), logger: log });
    await queue.start({ import: job });
    process.send('ready');`;
  const key = database.contextKeys.partner[0]!;
  const told = {
    url: database.url('bulkhead_partner'),
    gateUrl: database.url('bulkhead_partner_gate'),
    key: { ...key, key: key.key.toString('base64') },
    folder,
  };
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: root,
    env: { ...process.env, RUNNER: JSON.stringify(told) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}
