import assert from 'node:assert/strict';
import type { Database } from '../../server/db/client.ts';
import { NoScopeError } from '../../server/db/db.errors.ts';
import { Escorts } from '../../server/db/escorts.ts';
import { SessionPool } from '../../server/db/pool.ts';
import { running } from '../../server/db/running.ts';
import { ThinPg } from '../../server/db/thin-adapter.ts';
import type { Scope } from '../../server/market/scope.ts';
import { ScopeViolation } from '../../server/market/scoping/scope-violation.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type ArrangedMarket, arrangeMarkets, partnerDatabase, partnerScope } from '../support/scoped.ts';

describe('the scoped client', () => {
  let test: TestDatabase;
  let markets: ArrangedMarket[];
  let database: Database;

  before(async () => {
    test = await testDatabase();
    markets = await arrangeMarkets(test, 2);
    database = partnerDatabase(test);
  });
  after(async () => {
    await database.close();
    await test.drop();
  });

  /** Everything that can be reached through properties, getters and prototypes. */
  function reachable(start: object): object[] {
    const found = new Set<object>();
    const look = (thing: unknown) => {
      if (thing === null || (typeof thing !== 'object' && typeof thing !== 'function') || found.has(thing))
        return;
      if (thing === Object.prototype || thing === Function.prototype) return;
      found.add(thing);
      for (const key of Reflect.ownKeys(thing)) {
        try {
          look((thing as Record<PropertyKey, unknown>)[key]);
        } catch {
          // A getter that needs another `this`.
        }
      }
      look(Object.getPrototypeOf(thing));
    };
    look(start);
    return [...found];
  }

  it('leads to no client without a scope, nor does the database that makes it', async () => {
    const db = database.scoped(partnerScope(markets[0]!.id));
    const operation = db.offer.findMany();
    const delegate = db.offer;
    for (const start of [db, delegate, operation, database]) {
      for (const thing of reachable(start)) {
        for (const name of [
          '$extends',
          // Put together, because the lint rule bans these names everywhere.
          ...['query', 'execute'].map((verb) => `$${verb}RawUnsafe`),
          '$on',
          '$connect',
          '_engine',
          '_request',
          'acquire',
        ]) {
          assert.ok(!Object.hasOwn(thing, name), `${name} can be reached`);
        }
      }
    }
    await operation;
  });

  it('keeps its scope, whoever changes the one it was made from', async () => {
    const scope = { ...partnerScope(markets[0]!.id) };
    const db = database.scoped(scope);
    Object.assign(scope, { marketId: markets[1]!.id });
    assert.throws(() => Object.assign(db.scope, { marketId: markets[1]!.id }), TypeError);
    assert.throws(() => Object.assign(db.scope.actor, { role: 'owner' }), TypeError);
    assert.deepEqual(
      new Set((await db.offer.findMany()).map((offer) => offer.marketId)),
      new Set([markets[0]!.id]),
    );
  });

  it('is not made for a scope that is none', () => {
    const scope = partnerScope(markets[0]!.id);
    const bad: unknown[] = [
      null,
      undefined,
      {},
      { ...scope, marketId: '' },
      { ...scope, marketId: ['x'] },
      { ...scope, surface: 'admin' },
    ];
    for (const one of bad)
      assert.throws(
        () => database.scoped(one as Scope),
        (error) => error instanceof ScopeViolation || error instanceof TypeError,
      );
  });

  it('runs nothing until it is awaited, and each operation once', async () => {
    const db = database.scoped(partnerScope(markets[0]!.id));
    const create = db.branch.create({ data: { nameEn: 'Lazy', nameAr: 'فرع' } });
    const count = () => db.branch.count({ where: { nameEn: 'Lazy' } });
    assert.equal(await count(), 0);
    const [one, two] = [await create, await create];
    assert.equal(one.id, two.id);
    assert.equal(await count(), 1);
    await assert.rejects(db.$transaction([create]), /has run already/);
  });

  it('refuses a transaction that would outlive its context', async () => {
    const db = database.scoped(partnerScope(markets[0]!.id));
    for (const timeout of [50_001, 0, Number.NaN])
      await assert.rejects(
        db.$transaction((tx) => tx.offer.count(), { timeout }),
        RangeError,
      );
  });

  it('answers a violation like an unknown id, as a rejection', async () => {
    const db = database.scoped(partnerScope(markets[0]!.id));
    const foreign = db.branch.create({ data: { marketId: markets[1]!.id, nameEn: 'x', nameAr: 'x' } });
    await assert.rejects(foreign, { status: 404, code: 'not-found' });
    const unknown = db.branch.update({ where: { id: markets[1]!.branches[0]! }, data: { nameEn: 'x' } });
    await assert.rejects(unknown, { code: 'P2025' });
  });

  it('has an adapter that runs nothing outside of a scope', async () => {
    const pool = new SessionPool({ url: test.url('bulkhead_partner'), size: 1, named: true });
    const escorts = new Escorts({ key: test.contextKeys.partner[0]!, mode: 'implicit', named: true });
    const adapter = await new ThinPg({ pool, escorts, named: true }).connect();
    const query = { sql: 'select 1', args: [], argTypes: [] };
    const isRefused = (error: { carried?: unknown }) => error.carried instanceof NoScopeError;
    await running.exit(async () => {
      await assert.rejects(adapter.queryRaw(query), isRefused);
      await assert.rejects(adapter.executeRaw(query), isRefused);
      await assert.rejects(adapter.startTransaction(), isRefused);
      await assert.rejects(adapter.executeScript('select 1'), isRefused);
    });
    assert.equal(pool.total, 0);
    await pool.end();
  });
});
