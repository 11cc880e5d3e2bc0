import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import type { Database, DatabaseOptions } from '../../server/db/client.ts';
import { type ModelMap, readModelMap } from '../../server/market/scoping/model-map.ts';
import { operations } from '../../server/market/scoping/scope-args.ts';
import { prismaFolder } from '../../server/paths.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type PlannedOperation, Planner, withIds } from '../support/operations.ts';
import { readModels } from '../support/schema-rules/models.ts';
import {
  type ArrangedMarket,
  arrangeMarket,
  arrangeMarkets,
  partnerDatabase,
  partnerScope,
  superuser,
} from '../support/scoped.ts';

const models = readModelMap(readFileSync(join(prismaFolder, 'schema.prisma'), 'utf8'));
const marketTables = ['market', ...readTableNames()];
const key = (table: string) => (table === 'market' ? 'id' : 'market_id');

/** All that a market model may be asked and told, with every right granted, so that only the layer under test stands. */
const generous = (security: 'on' | 'off') => [
  'grant all on all tables in schema public to bulkhead_partner',
  ...marketTables.map((table) =>
    security === 'on'
      ? `create policy test_all on ${table} to bulkhead_partner using (${key(table)} = (select app.market_id())) with check (${key(table)} = (select app.market_id()))`
      : `alter table ${table} no force row level security; alter table ${table} disable row level security`,
  ),
];

/** Every model with a market of its own, by its table. */
function readTableNames(): string[] {
  const schema = readFileSync(join(prismaFolder, 'schema.prisma'), 'utf8');
  return readModels(schema).flatMap(({ marketId, table }) => (marketId ? [table] : []));
}

const passThrough: DatabaseOptions['scoping'] = () => (_model, operation, args) => ({
  operation,
  args: args as object,
});

interface Mode {
  readonly setup: readonly string[];
  readonly options: Partial<DatabaseOptions>;
  /** Whether the test's rights let every operation succeed for own rows. */
  readonly generous: boolean;
  readonly rawLeaks: boolean;
}

const modes: Record<string, Mode> = {
  'both layers': { setup: [], options: {}, generous: false, rawLeaks: false },
  'both layers, all rights granted': { setup: generous('on'), options: {}, generous: true, rawLeaks: false },
  'row-level security alone': {
    setup: [],
    options: { scoping: passThrough },
    generous: false,
    rawLeaks: false,
  },
  'row-level security alone, all rights granted': {
    setup: generous('on'),
    options: { scoping: passThrough },
    generous: true,
    rawLeaks: false,
  },
  'scoped arguments alone': { setup: generous('off'), options: {}, generous: true, rawLeaks: true },
  'scoped arguments alone, stock adapter': {
    setup: generous('off'),
    options: { adapter: 'stock' },
    generous: true,
    rawLeaks: true,
  },
};

const scopedModels = [...models.values()].filter((model) => model.marketField).map((model) => model.name);
// The shared ones lead to all markets' rows, so they are drawn more often.
const reachable = [...scopedModels, ...Array<string>(6).fill('Category'), 'Plan', 'Plan'];

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };

async function run(
  database: Database,
  own: ArrangedMarket,
  planned: PlannedOperation,
  args: unknown,
): Promise<Outcome> {
  const db = database.scoped(partnerScope(own.id, 'owner', own.members[0]!)) as unknown as Record<
    string,
    Record<string, (args: unknown) => Promise<unknown>>
  >;
  try {
    const name = planned.model[0]!.toLowerCase() + planned.model.slice(1);
    return { ok: true, value: await db[name]![planned.operation]!(args) };
  } catch (error) {
    const { name, code, meta } = error as {
      name: string;
      code?: string;
      meta?: { driverAdapterError?: { cause?: { originalCode?: string } } };
    };
    // Which constraint refused a row may depend on ids; that it was refused may not.
    return {
      ok: false,
      error: [name, code, meta?.driverAdapterError?.cause?.originalCode].filter(Boolean).join(' '),
    };
  }
}

/** The same for both runs: ids by their role, everything made meanwhile by kind. */
function normalized(outcome: Outcome, ids: ReadonlyMap<string, string>): string {
  const text = textOf(outcome, ids);
  // Tasks, and what is noted for tills, are written by triggers under random ids: their order by id says nothing.
  return text.includes('"tasks ') || text.includes('"rowId"') ? [...text].sort().join('') : text;
}

function textOf(outcome: Outcome, ids: ReadonlyMap<string, string>): string {
  const text = JSON.stringify(outcome, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
  return (
    text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => ids.get(id) ?? 'new')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
      .replace(/"xid":"\d+"/g, '"xid"')
      // A digest over ids.
      .replace(/"(hash|prevHash)":\{[^}]*\}/g, '"$1"')
      .replace(/"slug":"[^"]*"|"contentDigest":"[^"]*"|"nameEn":"Market [^"]*"|"searchText":"[^"]*"/g, '""')
  );
}

function roles(market: ArrangedMarket): Map<string, string> {
  const named = Object.entries<string | readonly string[]>({ ...market }).flatMap(
    ([list, value]): [string, string][] =>
      typeof value === 'string' ? [[value, list]] : value.map((id, place) => [id, `${list} ${place}`]),
  );
  return new Map(named);
}

/** Arguments that need nothing filled in, so that they work without the scoped arguments too. */
function onOwnImage(operation: string, own: ArrangedMarket): unknown {
  const where = { marketId_id: { marketId: own.id, id: own.images[0]! } };
  const data = { id: randomUUID(), marketId: own.id, width: 1, height: 1, bytes: 1, digest: 'd'.repeat(64) };
  if (operation.startsWith('createMany')) return { data: [data] };
  if (operation.startsWith('create')) return { data };
  if (operation === 'upsert') return { where, create: data, update: { width: 2 } };
  if (operation === 'update') return { where, data: { width: 2 } };
  if (operation.startsWith('updateMany')) return { where: { width: 1 }, data: { width: 2 } };
  if (operation === 'deleteMany') return { where: { width: 1, offers: { none: {} } } };
  if (operation === 'delete') return { where: { marketId_id: { marketId: own.id, id: own.images[1]! } } };
  if (operation.startsWith('findUnique')) return { where };
  if (operation === 'groupBy') return { by: ['id'], orderBy: { id: 'asc' } };
  if (operation === 'aggregate') return { _count: true };
  return {};
}

for (const [name, mode] of Object.entries(modes)) {
  describe(`Prisma under a scope: ${name}`, function () {
    this.timeout(240_000);
    let test: TestDatabase;
    let database: Database;
    let root: pg.Client;
    // Another connection: to change what triggers do would forget the first one's plans.
    let janitor: pg.Client;
    let other: ArrangedMarket;

    before(async () => {
      test = await testDatabase();
      [other] = (await arrangeMarkets(test, 1)) as [ArrangedMarket];
      await superuser(test, async (client) => {
        for (const sql of mode.setup) await client.query(sql);
      });
      root = new pg.Client({ connectionString: test.superuserUrl });
      await root.connect();
      await root.query(`create function pg_temp.clear_shared() returns void language plpgsql as $$ begin
        delete from offer where category_id <> '00000000-0000-7000-8000-00000000ca7e';
        delete from category where slug = 'made';
        delete from plan where id = 'made';
      end $$`);
      janitor = new pg.Client({ connectionString: test.superuserUrl });
      await janitor.connect();
      // In no order: whatever refers to them goes as well.
      const deletes = marketTables.map((table) => `delete from ${table} where ${key(table)} = any (gone);`);
      await janitor.query(`set session_replication_role = replica;
        create function pg_temp.forget(gone uuid[]) returns void language plpgsql as $$ begin ${deletes.join(' ')} end $$`);
      database = partnerDatabase(test, { poolSize: 2, ...mode.options });
    });
    after(async () => {
      await database?.close();
      await root?.end();
      await janitor?.end();
      await test?.drop();
    });

    /** Everything that the other market owns. */
    const snapshot = async () => {
      const parts = marketTables.map(
        (table) => `select '${table}' as name, to_jsonb(t) as row from ${table} t where ${key(table)} = $1`,
      );
      const shared = [
        "select 'category', to_jsonb(t) from category t",
        "select 'plan', to_jsonb(t) from plan t",
      ];
      const { rows } = await root.query({
        name: 'snapshot',
        text: `select md5(string_agg(name || row::text, ' ' order by name, row::text)) as sum from (${[...parts, ...(mode.generous ? [] : shared)].join(' union all ')}) all_rows`,
        values: [other.id],
      });
      return rows[0].sum as string;
    };
    const foreign = () => [...roles(other).keys()];

    async function check(planned: PlannedOperation, before: string): Promise<void> {
      const [first, second] = [await arrangeMarket(root, 1, janitor), await arrangeMarket(root, 1, janitor)];
      try {
        await compare(planned, before, first, second);
      } catch (error) {
        throw new Error(`${JSON.stringify(planned)}: ${(error as Error).message}`);
      } finally {
        await forget(first, second, ...strangers.splice(0));
      }
    }

    async function compare(
      planned: PlannedOperation,
      before: string,
      first: ArrangedMarket,
      second: ArrangedMarket,
    ) {
      const outcome = await run(database, first, planned, withIds(planned.args, first, other));
      const text = JSON.stringify(outcome, (_key, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      // Figures name their offer without a key: a row that was allowed gives back the very id that was written into it.
      const given = planned.model === 'EventDay' ? JSON.stringify(withIds(planned.args, first, other)) : '';
      for (const id of foreign().filter((each) => !given.includes(each)))
        assert.ok(!text.includes(id), `shows another market's ${roles(other).get(id)}`);
      assert.equal(await snapshot(), before, "changes another market's rows");
      // Unknown ids in the other market's place must end the same way, and one market more must be without effect.
      strangers.push(await arrangeMarket(root, 1, janitor));
      const unknown = await run(database, second, planned, withIds(planned.args, second, 'unknown'));
      assert.equal(
        normalized(outcome, roles(first)),
        normalized(unknown, roles(second)),
        'tells a foreign id from an unknown one',
      );
      const strays = marketTables.slice(1).map((table) => `select market_id from ${table}`);
      const { rowCount } = await root.query({
        name: 'strays',
        text: `select 1 from (${strays.join(' union all ')}) t where market_id <> all ($1)`,
        values: [[first, second, other, ...strangers].map((market) => market.id)],
      });
      assert.equal(rowCount, 0, 'leaves a row in no known market');
    }

    const strangers: ArrangedMarket[] = [];
    const forget = async (...markets: ArrangedMarket[]) => {
      await janitor.query({
        name: 'forget',
        text: 'select pg_temp.forget($1)',
        values: [markets.map(({ id }) => id)],
      });
      await root.query({ name: 'clear', text: 'select pg_temp.clear_shared()' });
    };

    for (const operation of operations) {
      it(`${operation}: no nesting and no foreign id reaches another market`, async () => {
        const before = await snapshot();
        await fc.assert(
          fc.asyncProperty(fc.gen(), async (g) => {
            const planned = new Planner((arbitrary) => g(arbitrary), models as ModelMap).operation(
              [operation],
              reachable,
            );
            await check(planned, before);
          }),
          { numRuns: Number(process.env.SCOPING_RUNS ?? 20), endOnFailure: true },
        );
      });
    }

    it('lets every operation succeed on own rows, so that the above means something', async function () {
      if (!mode.generous) this.skip();
      for (const operation of operations) {
        const own = await arrangeMarket(root, 1, janitor);
        const outcome = await run(
          database,
          own,
          { model: 'Image', operation, args: {} },
          onOwnImage(operation, own),
        );
        assert.ok(outcome.ok && outcome.value, `${operation}: ${JSON.stringify(outcome)}`);
        await forget(own);
      }
    });

    it(
      mode.rawLeaks
        ? 'leaks by hand-written SQL: that is what row-level security is for'
        : 'shows nothing more to hand-written SQL',
      async () => {
        const own = await arrangeMarket(root, 1, janitor);
        const db = database.scoped(partnerScope(own.id));
        const rows = await db.$queryRaw<{ market_id: string }[]>`select market_id from offer`;
        assert.equal(
          rows.some((row) => row.market_id === other.id),
          mode.rawLeaks,
        );
        await forget(own);
      },
    );
  });
}
