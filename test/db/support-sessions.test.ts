import assert from 'node:assert/strict';
import type { Database, DatabaseOptions, ScopedClient } from '../../server/db/client.ts';
import { sql } from '../../server/db/direct.ts';
import { Prisma } from '../../server/db/generated/client.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import type { Scope } from '../../server/market/scope.ts';
import { supportScope } from '../../server/support/sessions/support-scope.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { partnerDatabase } from '../support/scoped.ts';
import { amber, basil, insertTwoMarkets, partnerScope } from '../support/two-markets.ts';

const variants: Record<string, Partial<DatabaseOptions>> = {
  'thin, named statements': {},
  'thin, without names': { namedStatements: false },
  'thin, BEGIN … COMMIT': { contextMode: 'begin' },
  stock: { adapter: 'stock' },
  'stock, BEGIN … COMMIT': { adapter: 'stock', contextMode: 'begin' },
};

const look = supportScope(amber.marketId, amber.supportSession, 'test');
const title = `update offer set title_en = 'written by support'`;
/** What an injection may try, before and behind its write. */
const writes: readonly string[] = [
  title,
  `insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type)
   values ('${amber.marketId}', gen_random_uuid(), 'partner', 'support', '${amber.supportSession}', '', 'x', 'x')`,
  `delete from image`,
  `with gone as (delete from offer_branch returning 1) select count(*) from gone`,
  `select app.roll_up(1)`,
  `update support_session set consent = 'granted', ended_at = null`,
  `do $$ begin ${title}; end $$`,
  `set transaction read write`,
  `set transaction_read_only = off`,
  `select set_config('transaction_read_only', 'off', true)`,
  `select set_config('transaction_read_only', 'off', false)`,
  `set session characteristics as transaction read write`,
  `set default_transaction_read_only = off`,
];

for (const [name, options] of Object.entries(variants)) {
  describe(`a support session in the database: ${name}`, function () {
    this.timeout(60_000);
    let test: TestDatabase;
    let database: Database;
    /** One connection for everybody, so that whatever is left on it is found. */
    let narrow: Database;
    const superuser = (text: string) => withClient(test.superuserUrl, (client) => client.query(text));
    const offersAs = (scope: Scope, on = narrow) => on.scoped(scope).offer.findMany({ select: { id: true } });
    const raw = (db: ScopedClient, text: string) => db.$executeRaw(Prisma.raw(text) as never);

    before(async () => {
      test = await testDatabase();
      await withClient(test.superuserUrl, insertTwoMarkets);
      database = partnerDatabase(test, options);
      narrow = partnerDatabase(test, { ...options, poolSize: 1 });
    });
    after(async () => {
      await Promise.all([database?.close(), narrow?.close()]);
      await test?.drop();
    });

    const rows = async () => {
      const asked = `select md5(string_agg(t::text, '|' order by t::text)) as digest from
        (select to_jsonb(o) t from offer o union all select to_jsonb(a) from audit_entry a union all select to_jsonb(i) from image i
         union all select to_jsonb(b) from offer_branch b union all select to_jsonb(s) from support_session s) all_rows where t->>'market_id' = '${amber.marketId}'`;
      return (await superuser(asked)).rows[0].digest as string;
    };

    it('reads its own market, by Prisma, by hand, directly and in a transaction', async () => {
      const db = narrow.scoped(look);
      assert.equal((await offersAs(look)).length, 4);
      assert.equal((await db.$queryRaw<unknown[]>`select id from offer`).length, 4);
      assert.equal((await narrow.direct(look).rows(sql`select id from offer`)).length, 4);
      const both = await db.$transaction(async (tx) => [await tx.offer.count(), await tx.branch.count()]);
      assert.deepEqual(both, [4, 3]);
      assert.deepEqual(await db.$transaction([db.offer.count(), db.branch.count()]), [4, 3]);
      assert.equal(await db.offer.count({ where: { id: basil.offer } }), 0);
    });

    it('is refused every write that Prisma can make, and leaves the connection as it was', async () => {
      const before = await rows();
      const db = narrow.scoped(look);
      const id = amber.offer;
      const tries: (() => Promise<unknown>)[] = [
        () => db.offer.updateMany({ data: { titleEn: 'x' } }),
        () =>
          db.offer.update({
            where: { marketId_id: { marketId: amber.marketId, id } },
            data: { titleEn: 'x' },
          }),
        () => db.offer.deleteMany({}),
        () => db.image.createMany({ data: [{ width: 1, height: 1, bytes: 1, digest: 'x' }] as never }),
        () => db.$transaction((tx) => tx.offer.updateMany({ data: { titleEn: 'x' } })),
        () => narrow.direct(look).affected(sql`update offer set title_en = 'x'`),
        ...['Serializable', 'RepeatableRead'].map(
          (isolationLevel) => () =>
            db.$transaction((tx) => tx.offer.updateMany({ data: { titleEn: 'x' } }), {
              isolationLevel,
            } as never),
        ),
      ];
      for (const each of tries) {
        await assert.rejects(each, (error: { status?: number }) => error.status === 403, each.toString());
        const own = await narrow
          .scoped(partnerScope(basil, 'owner'))
          .offer.updateMany({ data: { importKey: null } });
        assert.equal(own.count, 4, 'the next one on the connection may write');
      }
      assert.equal(await rows(), before);
    });

    it('is refused by the transaction whatever SQL was injected', async () => {
      const before = await rows();
      const db = narrow.scoped(look);
      for (const each of writes) {
        await raw(db, each).catch(() => undefined);
        for (const then of [title, `commit; ${title}`]) {
          await db
            .$transaction(async (tx) => {
              await raw(tx, each);
              await raw(tx, then);
            })
            .catch(() => undefined);
        }
        await db
          .$transaction(async (tx) => {
            await raw(tx, 'savepoint a').catch(() => undefined);
            await raw(tx, each).catch(() => undefined);
            await raw(tx, 'rollback to a').catch(() => undefined);
            await raw(tx, title);
          })
          .catch(() => undefined);
      }
      for (const ending of ['commit', 'rollback']) {
        await db
          .$transaction(async (tx) => {
            const [{ context }] = await tx.$queryRaw<
              [{ context: string }]
            >`select current_setting('app.context') as context`;
            await raw(tx, ending).catch(() => undefined);
            await raw(
              tx,
              `do $$ begin perform set_config('app.context', '${context}', false); ${title}; end $$`,
            );
          })
          .catch(() => undefined);
      }
      assert.equal(await rows(), before);
      assert.equal((await offersAs(partnerScope(basil, 'owner'))).length, 4);
    });

    it('is asked for at each statement: one that is over shows nothing to the next', async () => {
      const row = `where id = '${amber.supportSession}'`;
      const ends: [over: string, back: string][] = [
        [
          `update support_session set opened_at = now() - interval '1 hour', expires_at = now() - interval '1 second' ${row}`,
          `update support_session set opened_at = now(), expires_at = '2100-01-01' ${row}`,
        ],
        [
          `update support_session set ended_at = now(), end_reason = 'stopped' ${row}`,
          `update support_session set ended_at = null, end_reason = null ${row}`,
        ],
        [
          `update market set support_consent = 'never' where id = '${amber.marketId}'`,
          `update market set support_consent = 'always' where id = '${amber.marketId}'`,
        ],
      ];
      const asReplica = (text: string) => superuser(`set session_replication_role = replica; ${text}`);
      for (const [over, back] of ends) {
        const seen = await database.scoped(look).$transaction(async (tx) => {
          const before = await tx.offer.count();
          await asReplica(over);
          return [
            before,
            await tx.offer.count(),
            (await tx.$queryRaw<unknown[]>`select id from market`).length,
          ];
        });
        assert.deepEqual(seen, [4, 0, 0], over);
        assert.equal((await offersAs(look)).length, 0);
        await asReplica(back);
        assert.equal((await offersAs(look)).length, 4);
      }
    });

    it('can’t hold on to what was: a transaction that keeps its snapshot sees nothing', async () => {
      for (const isolationLevel of ['RepeatableRead', 'Serializable'] as const) {
        const seen = await narrow.scoped(look).$transaction((tx) => tx.offer.count(), { isolationLevel });
        assert.equal(seen, 0, isolationLevel);
      }
    });

    it('is a scope of one market, as an analyst, in its own name', () => {
      const odd: Scope[] = [
        { ...look, actor: { ...look.actor, role: 'owner' } },
        { ...look, marketId: null },
        { ...look, surface: 'public' },
        { ...look, support: { sessionId: amber.endedSupportSession } },
        { ...partnerScope(amber, 'owner'), support: { sessionId: amber.supportSession } },
        { surface: look.surface, marketId: look.marketId, actor: look.actor, receipt: 'test' },
      ];
      for (const scope of odd) {
        assert.throws(() => narrow.direct(scope), /support session/i);
        assert.rejects(async () => narrow.scoped(scope).offer.count(), /support session/i);
      }
    });
  });
}
