import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { ensureQueue } from '../../server/db/setup/queue.ts';
import { loginNames } from '../../server/db/setup/roles.ts';
import type { JobLog } from '../../server/jobs/log.ts';
import { createQueue, type JobHandlers, JobInterrupted, type Queue } from '../../server/jobs/queue.ts';
import { root } from '../../server/paths.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const quiet: JobLog = { debug() {}, info() {}, warn() {}, error() {} };

async function until(check: () => unknown, what: string, milliseconds = 20_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await check())) {
    if (Date.now() > end) assert.fail(`not within ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('job queue', () => {
  let database: TestDatabase;
  const open: Queue[] = [];
  const make = (handlers: JobHandlers) => {
    const queue = createQueue({ url: database.url('bulkhead_partner_gate'), log: quiet, sweepInterval: 500 });
    open.push(queue);
    return { ...queue, start: () => queue.start(handlers) };
  };
  const jobs = () =>
    withClient(database.superuserUrl, async (client) => {
      const { rows } = await client.query('select * from graphile_worker._private_jobs order by id');
      return rows;
    });

  before(async () => {
    database = await testDatabase();
  });
  afterEach(async () => {
    for (const queue of open.splice(0)) await queue.stop();
  });

  for (const login of loginNames.filter((name) => name !== 'bulkhead_partner_gate')) {
    it(`is out of reach of ${login}: it can read, place and change no job`, async () => {
      for (const sql of [
        'select * from graphile_worker._private_jobs',
        'select * from graphile_worker.jobs',
        `select graphile_worker.add_job('import', '{}')`,
        'update graphile_worker._private_jobs set attempts = 0',
        'delete from graphile_worker._private_jobs',
        `insert into graphile_worker._private_tasks (identifier) values ('x')`,
        `select graphile_worker.force_unlock_workers(array['x'])`,
        'set role bulkhead_partner_gate',
      ]) {
        const run = withClient(database.url(login), (client) => client.query(sql));
        await assert.rejects(run, { code: '42501' }, sql);
      }
    });
  }

  it('belongs to the gate’s login with all that is in it, and can be set up again', async () => {
    await ensureQueue(database.superuserUrl);
    const owners = await withClient(database.superuserUrl, async (client) => {
      const { rows } = await client.query(
        `select distinct relowner::regrole::text as owner from pg_class
         where relnamespace = 'graphile_worker'::regnamespace
         union select nspowner::regrole::text from pg_namespace where nspname = 'graphile_worker'
         union select proowner::regrole::text from pg_proc where pronamespace = 'graphile_worker'::regnamespace`,
      );
      return rows;
    });
    assert.deepEqual(owners, [{ owner: 'bulkhead_partner_gate' }]);
  });

  it('can be set up by a login that is no superuser but may create roles', async () => {
    const fresh = await testDatabase();
    await withClient(fresh.superuserUrl, async (client) => {
      await client.query('drop schema graphile_worker cascade');
      await client.query(`create role setter login createrole password 'pw'`);
      await client.query(`grant bulkhead_partner_gate to setter with admin true, inherit false, set false`);
      await client.query(`grant create, connect on database ${fresh.name} to setter`);
    });
    try {
      await ensureQueue(withUrl(fresh.superuserUrl, { user: 'setter', password: 'pw' }));
      const queue = createQueue({ url: fresh.url('bulkhead_partner_gate'), log: quiet });
      await queue.add('nothing', {}, 'key');
      await queue.stop();
    } finally {
      await withClient(fresh.superuserUrl, async (client) => {
        await client.query(
          'drop owned by setter; revoke bulkhead_partner_gate from setter; drop role setter',
        );
      });
    }
  });

  it('runs a job once, and one key is one job however often it is placed', async () => {
    const seen: unknown[] = [];
    const queue = make({ once: async (payload) => void seen.push(payload) });
    await queue.add('once', { n: 1 }, 'same');
    await queue.add('once', { n: 2 }, 'same');
    await queue.start();
    await until(() => seen.length > 0, 'job ran');
    await until(async () => (await jobs()).length === 0, 'job left the queue');
    assert.deepEqual(seen, [{ n: 2 }]);
  });

  it('tries a job that threw again', async () => {
    const attempts: number[] = [];
    const queue = make({
      shaky: async (_payload, { attempt, isLastAttempt }) => {
        attempts.push(attempt);
        assert.equal(isLastAttempt, false);
        if (attempts.length === 1) throw new Error('not yet');
      },
    });
    await queue.start();
    await queue.add('shaky', {}, 'shaky');
    await until(() => attempts.length === 2, 'second attempt');
    assert.deepEqual(attempts, [1, 2]);
  });

  it('lets a job come to a safe place when the process ends; the next one goes on with it at no attempt’s cost', async () => {
    let began = false;
    const first = make({
      long: async (_payload, { signal }) => {
        began = true;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        throw new JobInterrupted();
      },
    });
    await first.start();
    await first.add('long', { n: 7 }, 'long');
    await until(() => began, 'job began');
    await open.shift()?.stop();
    const [left] = await jobs();
    assert.equal(left?.locked_by, null);
    assert.equal(left?.attempts, 0);

    const seen: unknown[] = [];
    const second = make({ long: async (payload) => void seen.push(payload) });
    await second.start();
    await until(() => seen.length === 1, 'next process took the job');
    assert.deepEqual(seen, [{ n: 7 }]);
  });

  it('takes over the job of a process that was killed', async () => {
    const child = await spawnStuckJob(database);
    const seen: unknown[] = [];
    const queue = make({ stuck: async (_payload, { attempt }) => void seen.push(attempt) });
    await queue.start();
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    assert.deepEqual(seen, [], 'the living process kept its job');
    child.kill('SIGKILL');
    await until(() => seen.length === 1, 'job of the killed process ran here');
    assert.deepEqual(seen, [2]);
  });
});

/** A process of its own that takes a job and never ends it. */
async function spawnStuckJob(database: TestDatabase): Promise<ChildProcess> {
  const script = `
    import { createQueue } from '${join(root, 'server/jobs/queue.ts')}';
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const handlers = { stuck: () => new Promise(() => process.send('taken')) };
    const queue = createQueue({ url: process.env.QUEUE_URL, log });
    await queue.start(handlers);
    await queue.add('stuck', {}, 'stuck');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: root,
    env: { ...process.env, QUEUE_URL: database.url('bulkhead_partner_gate') },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}
