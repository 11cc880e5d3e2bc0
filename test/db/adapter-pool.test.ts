import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CarriedError, PoolBusyError } from '../../server/db/db.errors.ts';
import { type PoolOptions, SessionPool } from '../../server/db/pool.ts';
import { alone, type Session } from '../../server/db/session.ts';
import { Statements } from '../../server/db/statements.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { superuser } from '../support/scoped.ts';

describe('the pool of sessions', () => {
  let test: TestDatabase;
  const pools: SessionPool[] = [];
  const pool = (options: Partial<PoolOptions> = {}) => {
    const made = new SessionPool({ url: test.url('bulkhead_partner'), size: 2, named: true, ...options });
    pools.push(made);
    return made;
  };
  const ask = async (session: Session, sql: string) => (await session.run(alone, sql, [], false)).rows;
  const isBusy = (error: unknown) => error instanceof CarriedError && error.carried instanceof PoolBusyError;

  before(async () => {
    test = await testDatabase();
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((one) => one.end()));
  });
  after(() => test.drop());

  it('opens as many connections as are wanted at once, and no more', async () => {
    const own = pool();
    const [one, two] = await Promise.all([own.acquire(), own.acquire()]);
    assert.notEqual(one, two);
    const third = own.acquire();
    assert.deepEqual([own.total, own.waiters], [2, 1]);
    own.release(one, false);
    assert.equal(await third, one);
    own.release(two, false);
    own.release(one, false);
    assert.deepEqual([own.total, own.idle, own.waiters], [2, 2, 0]);
  });

  it('serves who waits in turn, and turns away who waits too long or comes too late', async () => {
    const own = pool({ size: 1, acquireTimeout: 150, maxWaiting: 3 });
    const held = await own.acquire();
    const order: number[] = [];
    const wait = (name: number) =>
      own.acquire().then((session) => {
        order.push(name);
        own.release(session, false);
      });
    const served = [wait(1), wait(2), wait(3)];
    await assert.rejects(own.acquire(), isBusy);
    own.release(held, false);
    await Promise.all(served);
    assert.deepEqual(order, [1, 2, 3]);
    const again = await own.acquire();
    const started = Date.now();
    await assert.rejects(own.acquire(), isBusy);
    assert.ok(Date.now() - started >= 140);
    own.release(again, false);
  });

  it('replaces a connection that died while idle, in use or while others waited for it', async () => {
    const own = pool({ size: 1 });
    const pids = new Set<string>();
    for (const state of ['idle', 'in use'] as const) {
      const session = await own.acquire();
      const [[pid]] = (await ask(session, 'select pg_backend_pid()')) as [[string]];
      pids.add(pid);
      const next = state === 'in use' ? own.acquire() : null;
      if (state === 'idle') own.release(session, false);
      await superuser(test, (client) => client.query('select pg_terminate_backend($1)', [Number(pid)]));
      await sleep(50);
      if (next) {
        await assert.rejects(ask(session, 'select 1'));
        own.release(session, false, new Error('died'));
        own.release(await next, false);
      }
    }
    const last = await own.acquire();
    pids.add(((await ask(last, 'select pg_backend_pid()')) as [[string]])[0][0]);
    own.release(last, false);
    assert.equal(pids.size, 3);
    assert.equal(own.total, 1);
  });

  it('fails everybody who waits when the server is not there, one error each', async () => {
    const own = pool({ url: 'postgres://nobody@127.0.0.1:1/nothing' });
    const outcomes = await Promise.allSettled([own.acquire(), own.acquire(), own.acquire()]);
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.equal((outcome as PromiseRejectedResult).reason.code, 'ECONNREFUSED');
    }
    assert.equal(own.total, 0);
  });

  it('gives up on a server process that does not answer', async function () {
    this.timeout(20_000);
    const own = pool({ size: 1, statementTimeout: 300 });
    const session = await own.acquire();
    const [[pid]] = (await ask(session, 'select pg_backend_pid()')) as [[string]];
    process.kill(Number(pid), 'SIGSTOP');
    try {
      await assert.rejects(ask(session, 'select 1'), /did not answer in time/);
    } finally {
      process.kill(Number(pid), 'SIGCONT');
    }
    own.release(session, false);
    const next = await own.acquire();
    assert.notEqual(next, session);
    own.release(next, false);
  });

  it('ends its idle connections after a while, and all of them when it ends', async () => {
    const own = pool({ idleTimeout: 500 });
    own.release(await own.acquire(), false);
    await sleep(2_300);
    assert.equal(own.total, 0);
    const session = await own.acquire();
    const ended = own.end();
    pools.length = 0;
    await assert.rejects(own.acquire(), /closed/);
    own.release(session, false);
    await ended;
    const left = await superuser(test, (client) =>
      client.query("select 1 from pg_stat_activity where usename = 'bulkhead_partner' and datname = $1", [
        test.name,
      ]),
    );
    assert.equal(left.rowCount, 0);
  });

  it('forgets the statements that are used least, on the server too', async () => {
    const statements = new Statements(4);
    for (const sql of ['a', 'b', 'c', 'd']) statements.get(sql);
    const kept = statements.get('a');
    statements.get('e');
    assert.deepEqual(statements.takeEvicted(), ['s1']);
    assert.equal(statements.get('a'), kept);
    const own = pool({ size: 1 });
    const session = await own.acquire();
    for (let number = 0; number < 450; number++)
      await session.run(alone, `select ${number} as number`, [], true);
    const { rows } = await session.run(alone, 'select count(*) from pg_prepared_statements', [], false);
    assert.ok(Number(rows[0]![0]) <= 402, `${rows[0]![0]} statements`);
    assert.deepEqual((await session.run(alone, 'select 0 as number', [], true)).rows, [['0']]);
    own.release(session, false);
  });

  it('parses again what the server has dropped or changed', async () => {
    const { partnerDatabase, partnerScope, arrangeMarkets } = await import('../support/scoped.ts');
    const [market] = await arrangeMarkets(test, 1);
    const database = partnerDatabase(test, { poolSize: 1 });
    const db = database.scoped(partnerScope(market!.id));
    const list = () => db.branch.findMany({ select: { id: true, phone: true }, orderBy: { id: 'asc' } });
    const before = await list();
    await superuser(test, (client) =>
      client.query('alter table branch alter column phone type varchar(200)'),
    );
    assert.deepEqual(await list(), before);
    assert.equal(database.pool.total, 1);
    await database.close();
  });
});
