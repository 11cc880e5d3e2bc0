import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, DatabaseOptions } from '../../server/db/client.ts';
import { PoolBusyError, ScopeRefusedError } from '../../server/db/db.errors.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import {
  type ArrangedMarket,
  arrangeMarkets,
  partnerDatabase,
  partnerScope,
  superuser,
} from '../support/scoped.ts';

const variants: Record<string, Partial<DatabaseOptions>> = {
  'thin, named statements': {},
  'thin, without names': { namedStatements: false },
  'thin, BEGIN … COMMIT': { contextMode: 'begin' },
  stock: { adapter: 'stock' },
  'stock, BEGIN … COMMIT': { adapter: 'stock', contextMode: 'begin' },
};

/** What hand-written SQL may leave on a connection, and what the next user would see of it. */
const poisons: Record<string, string> = {
  search_path: "select set_config('search_path', 'pg_temp', false)",
  row_security: 'set row_security = off',
  'time zone': "set time zone 'Asia/Riyadh'",
  timeout: 'set statement_timeout = 1',
  'a session-wide context': "select set_config('app.context', 'forged', false)",
  'an advisory lock': 'select pg_advisory_lock(4711)',
  'a cursor': 'declare leftover cursor with hold for select id from offer',
  'a prepared statement': 'prepare leftover as select 1',
  'a replaced context statement':
    "do $$ begin execute 'deallocate all'; execute 'prepare context as select $1::text'; end $$",
  'an open transaction': 'begin',
  'a listener': 'listen leftover',
};

for (const [name, options] of Object.entries(variants)) {
  describe(`the adapter: ${name}`, () => {
    let test: TestDatabase;
    let markets: ArrangedMarket[];
    let database: Database;
    /** One connection, so that each query meets what the one before it left. */
    let narrow: Database;
    const db = (index: number, on = database) => on.scoped(partnerScope(markets[index]!.id));
    const ownOffers = async (index: number, on = database) => {
      const offers = await db(index, on).offer.findMany({ select: { id: true, marketId: true } });
      assert.deepEqual(offers.map((offer) => offer.id).sort(), [...markets[index]!.offers].sort());
    };

    before(async () => {
      test = await testDatabase();
      markets = await arrangeMarkets(test, 12);
      database = partnerDatabase(test, { poolSize: 4, ...options });
      narrow = partnerDatabase(test, { poolSize: 1, ...options });
    });
    after(async () => {
      await Promise.all([database?.close(), narrow?.close()]);
      await test?.drop();
    });

    it('shows each market its own rows, related ones and counts included', async () => {
      for (const [index, market] of markets.slice(0, 3).entries()) {
        const offers = await db(index).offer.findMany({
          include: { branches: { include: { branch: true } }, image: true, category: true, _count: true },
        });
        assert.deepEqual(new Set(offers.map((offer) => offer.id)), new Set(market.offers));
        assert.deepEqual(
          new Set(offers.flatMap((offer) => offer.branches.map((at) => at.branch.id))),
          new Set(market.branches),
        );
        assert.equal((await db(index).market.findMany()).length, 1);
        assert.equal(await db(index).offer.count(), 2);
      }
    });

    it('keeps 3,000 queries of many scopes apart on a saturated pool', async () => {
      const before = database.pool.total;
      const wide = partnerDatabase(test, {
        poolSize: 3,
        ...options,
        maxWaiting: 5_000,
        acquireTimeout: 30_000,
      });
      const rounds = Array.from({ length: 3_000 }, async (_, round) => {
        const index = round % markets.length;
        const offers = await db(index, wide).offer.findMany({ select: { marketId: true } });
        return offers.length === 2 && offers.every((offer) => offer.marketId === markets[index]!.id);
      });
      assert.equal((await Promise.all(rounds)).filter((own) => !own).length, 0);
      await wide.close();
      assert.ok(before <= 4);
    });

    it('does not join the findUnique calls of two scopes in one tick', async () => {
      const calls = markets.flatMap((market, index) =>
        markets.map((other) =>
          db(index)
            .offer.findUnique({ where: { id: other.offers[0]! } })
            .then((offer) => [market.id, offer?.marketId] as const),
        ),
      );
      const found = (await Promise.all(calls)).filter(([, marketId]) => marketId);
      assert.equal(found.length, markets.length);
      for (const [own, marketId] of found) assert.equal(marketId, own);
    });

    it('rolls a transaction back, and joins a nested one', async () => {
      const scoped = db(0);
      const made = await scoped.branch.create({ data: { nameEn: 'New', nameAr: 'جديد' } });
      assert.equal(made.marketId, markets[0]!.id);
      const work = scoped.$transaction(
        async (tx) => {
          await tx.branch.update({ where: { id: made.id }, data: { nameEn: 'Changed' } });
          await tx.$transaction(async (inner) =>
            inner.branch.update({ where: { id: made.id }, data: { nameAr: 'آخر' } }),
          );
          assert.equal((await tx.branch.findUniqueOrThrow({ where: { id: made.id } })).nameAr, 'آخر');
          throw new Error('not after all');
        },
        { isolationLevel: 'Serializable' },
      );
      await assert.rejects(work, /not after all/);
      const after = await scoped.branch.findUniqueOrThrow({ where: { id: made.id } });
      assert.deepEqual([after.nameEn, after.nameAr], ['New', 'جديد']);
    });

    it('runs a list of operations as one transaction', async () => {
      const scoped = db(1);
      const [id, clash] = [randomUUID(), randomUUID()];
      const create = (own: string, nameEn: string) =>
        scoped.branch.create({ data: { id: own, nameEn, nameAr: 'فرع' } });
      await assert.rejects(scoped.$transaction([create(id, 'One'), create(id, 'Two')]), { code: 'P2002' });
      assert.equal(await scoped.branch.findUnique({ where: { id } }), null);
      const [first, count] = await scoped.$transaction([create(clash, 'One'), scoped.branch.count()]);
      assert.deepEqual([first.nameEn, count], ['One', 3]);
      await assert.rejects(scoped.$transaction([db(2).branch.count()]), TypeError);
    });

    it('reports a transaction that had failed inside as failed', async () => {
      const id = randomUUID();
      const scoped = db(2);
      const work = scoped.$transaction(async (tx) => {
        const data = { id, nameEn: 'Twice', nameAr: 'فرع' };
        await tx.branch.create({ data });
        await tx.branch.create({ data }).catch(() => {});
      });
      await assert.rejects(work);
      assert.equal(await scoped.branch.findUnique({ where: { id } }), null);
    });

    it('runs nothing behind the end of a transaction', async () => {
      let late: Promise<unknown> | undefined;
      await db(0, narrow).$transaction(async (tx) => {
        await tx.offer.count();
        late = (async () => {
          await sleep(0);
          const calls = Array.from({ length: 20 }, () =>
            tx.offer.updateMany({ data: { titleEn: 'late' } }).then(
              () => 'ran',
              () => 'refused',
            ),
          );
          return Promise.all(calls);
        })();
      });
      await ownOffers(1, narrow);
      await late;
      assert.equal(await db(1, narrow).offer.count({ where: { titleEn: 'late' } }), 0);
    });

    it('alternates markets on one connection for 500 rounds', async () => {
      for (let round = 0; round < 500; round++) {
        const index = round % 3;
        const offers = await db(index, narrow).offer.findMany({
          where: { price: { gte: 0 } },
          orderBy: { id: 'asc' },
        });
        assert.ok(
          offers.length === 2 && offers.every((offer) => offer.marketId === markets[index]!.id),
          `round ${round}`,
        );
      }
      assert.equal(narrow.pool.total, 1);
    });

    for (const [leftover, sql] of Object.entries(poisons)) {
      it(`leaves nothing of ${leftover} to the connection's next user`, async () => {
        const { Prisma } = await import('../../server/db/generated/client.ts');
        await db(0, narrow)
          .$executeRaw(Prisma.raw(sql))
          .catch(() => {});
        await ownOffers(1, narrow);
        await ownOffers(0, narrow);
        await db(0, narrow)
          .$transaction(async (tx) => {
            await tx.$executeRaw(Prisma.raw(sql)).catch(() => {});
          })
          .catch(() => {});
        await ownOffers(1, narrow);
        const [left] = await db(1, narrow).$queryRaw<Record<string, unknown>[]>`
          select current_setting('search_path') as path, current_setting('row_security') as security,
            current_setting('timezone') as zone, current_setting('statement_timeout') as timeout,
            (select count(*)::int from pg_cursors where name = 'leftover') as cursors,
            (select count(*)::int from pg_prepared_statements where name = 'leftover') as prepared,
            (select count(*)::int from pg_listening_channels()) as listening`;
        const locks = await superuser(test, (client) =>
          client.query("select 1 from pg_locks where locktype = 'advisory' and objid = 4711"),
        );
        assert.equal(locks.rowCount, 0);
        assert.deepEqual(left, {
          path: 'public',
          security: 'on',
          zone: 'UTC',
          timeout: '15s',
          cursors: 0,
          prepared: 0,
          listening: 0,
        });
      });
    }

    it('lets a transaction that hand-written SQL ended early touch nothing', async () => {
      const { Prisma } = await import('../../server/db/generated/client.ts');
      const work = db(0, narrow).$transaction(async (tx) => {
        await tx.$executeRaw(Prisma.raw('commit')).catch(() => {});
        return tx.offer.count();
      });
      await assert.rejects(work);
      await ownOffers(1, narrow);
    });

    it('refuses COPY without hanging, and a second statement behind a semicolon', async () => {
      const { Prisma } = await import('../../server/db/generated/client.ts');
      const raw = (sql: string) => db(0, narrow).$queryRaw(Prisma.raw(sql));
      await assert.rejects(raw('copy offer from stdin'));
      await assert.rejects(raw('select 1; select 2'), /multiple commands/);
      assert.deepEqual(await raw('copy (select 1) to stdout'), []);
      await ownOffers(1, narrow);
    });

    it('takes hand-written SQL from a tagged template alone', async () => {
      const scoped = db(0) as unknown as { $queryRaw(...query: unknown[]): Promise<unknown> };
      const bodies = [
        'select 1',
        ['select 1'],
        { sql: 'select 1', text: 'select 1', values: [] },
        { raw: ['select 1'] },
      ];
      for (const body of bodies) assert.throws(() => scoped.$queryRaw(body), { name: 'ScopeViolation' });
      const one = await db(0).$queryRaw<
        { id: string }[]
      >`select id from offer where id = ${markets[0]!.offers[0]}::uuid`;
      assert.equal(one.length, 1);
      assert.equal(
        (await db(0).$queryRaw<unknown[]>`select id from offer where id = ${markets[1]!.offers[0]}::uuid`)
          .length,
        0,
      );
    });

    it('keeps its connection through unique violations and refusals', async () => {
      await db(0, narrow).offer.count();
      const pid = async () => {
        const rows = await db(0, narrow).$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`;
        return rows[0]!.pid;
      };
      const first = await pid();
      const id = markets[0]!.branches[0]!;
      for (let round = 0; round < 20; round++) {
        const again = db(0, narrow).branch.create({ data: { id, nameEn: 'Again', nameAr: 'فرع' } });
        await assert.rejects(again, { code: 'P2002' });
      }
      await assert.rejects(
        db(0, narrow).market.update({ where: { id: markets[0]!.id }, data: { state: 'closed' } }),
        (error) => {
          return error instanceof ScopeRefusedError && error.sqlState === '42501';
        },
      );
      assert.equal(await pid(), first);
    });

    it('outlives a connection that dies, idle or in use', async () => {
      const kill = () =>
        superuser(test, (client) =>
          client.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'bulkhead_partner' and datname = $1`,
            [test.name],
          ),
        );
      await ownOffers(0, narrow);
      await kill();
      await sleep(50);
      await ownOffers(1, narrow);
      const inUse = db(0, narrow).$executeRaw`select pg_sleep(5)`;
      const failed = assert.rejects(inUse);
      await sleep(100);
      await kill();
      await failed;
      await ownOffers(1, narrow);
      const broken = db(0, narrow).$transaction(async (tx) => {
        await tx.offer.count();
        await kill();
        await sleep(50);
        await tx.offer.count();
      });
      await assert.rejects(broken);
      await ownOffers(1, narrow);
    });

    it('answers a full pool fast, with an error of its own', async () => {
      const tight = partnerDatabase(test, { poolSize: 1, ...options, acquireTimeout: 1_000, maxWaiting: 2 });
      await ownOffers(0, tight);
      const slow = db(0, tight).$executeRaw`select pg_sleep(4)`.then(() => 'done');
      const waiting = Array.from({ length: 10 }, () =>
        db(1, tight)
          .offer.count()
          .then(
            () => null,
            (error) => error,
          ),
      );
      for (const error of await Promise.all(waiting)) {
        assert.ok(error instanceof PoolBusyError, String(error));
        assert.deepEqual([error.status, error.retryAfterSeconds], [503, 2]);
      }
      await assert.rejects(
        db(1, tight).$transaction((tx) => tx.offer.count()),
        PoolBusyError,
      );
      assert.equal(await Promise.race([slow, 'still running']), 'still running', 'nobody waited for it');
      assert.equal(await slow, 'done');
      await ownOffers(1, tight);
      await tight.close();
    });
  });
}
