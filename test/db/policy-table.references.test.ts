import assert from 'node:assert/strict';
import pg from 'pg';
import { access } from '../../server/db/access/declaration.ts';
import { signContext } from '../../server/market/context.ts';
import { marketKeyOf, quoted, type TableShape } from '../support/fixture/tables.ts';
import { ruleOf } from '../support/policy-table/expectation.ts';
import { type SeededDatabase, seededDatabase } from '../support/policy-table/seeded.ts';
import { type Known, readWorld } from '../support/policy-table/world.ts';
import { amber, basil, partnerScope, publicScope } from '../support/two-markets.ts';

type Values = Record<string, string | null>;
const UNKNOWN = '01900000-0000-7000-8000-00000000dead';

/** Foreign keys and unique keys are checked past row-level security: these are the answers that could tell. */
describe('policy table: references and unique keys', () => {
  let database: SeededDatabase;
  let client: pg.Client;
  let known: Known;

  before(async () => {
    database = await seededDatabase();
    client = new pg.Client(database.superuserUrl);
    await client.connect();
    known = await readWorld(client, database.fixture);
  });
  after(async () => {
    await client?.end();
    await database?.drop();
  });

  const marketTables = (): TableShape[] =>
    known.tables.filter((table) => table.name in access && marketKeyOf(table) === 'market_id');

  /** Amber's spare row, that is about to be taken out and written anew. */
  const spareOf = (table: TableShape): Values =>
    known.spares.find((row) => row.table === table.name && row.values.market_id === amber.marketId)!.values;

  /** Inserts in place of the spare row, and undoes it: the number of rows, or the error as its reader sees it. */
  async function answer(table: TableShape, values: Values, role: string | null): Promise<string> {
    await client.query('begin');
    const keys = table.primaryKey.map((name, index) => `${quoted(name)}::text = $${index + 1}`).join(' and ');
    await client.query(
      `delete from ${quoted(table.name)} where ${keys}`,
      table.primaryKey.map((name) => spareOf(table)[name]),
    );
    await client.query(`select set_config('app.context', $1, true)`, [contextFor(table, role)]);
    if (role) await client.query(`set local role ${role}`);
    const columns = writable(table, role);
    const places = columns.map((_, index) => `$${index + 1}`).join(', ');
    try {
      const sql = `insert into ${quoted(table.name)} (${columns.map(quoted).join(', ')}) values (${places})`;
      const { rowCount } = await client.query(
        sql,
        columns.map((name) => values[name]),
      );
      return `affected ${rowCount}`;
    } catch (error) {
      const { code, message, detail } = error as pg.DatabaseError;
      return `${code} ${message} ${detail ?? ''}`;
    } finally {
      await client.query('rollback');
    }
  }

  /** An owner's; a shopper's for the public login, and where triggers ask for one whoever writes. */
  function contextFor(table: TableShape, role: string | null): string {
    const isPublic = role === 'bulkhead_public' || (role === null && table.name === 'claim');
    const shopper = ['claim', 'shopper_phone'].includes(table.name) ? amber.otherShopper : amber.shopper;
    return signContext(
      isPublic ? publicScope(amber, 'shopper', shopper) : partnerScope(amber, 'owner'),
      isPublic ? database.keys.public : database.keys.partner,
      (client as unknown as { processID: number }).processID,
    );
  }

  function writable(table: TableShape, role: string | null): string[] {
    const columns = role ? ruleOf(table.name, role, 'insert')!.columns : '*';
    return columns === '*'
      ? table.columns.filter(({ generated }) => !generated).map(({ name }) => name)
      : [...columns];
  }

  const writers = (table: TableShape): (string | null)[] => [
    null,
    ...['bulkhead_partner', 'bulkhead_public'].filter(
      // The public login's audit rows name a key or a shopper, the spare one a member.
      (role) =>
        ruleOf(table.name, role, 'insert') && `${role} ${table.name}` !== 'bulkhead_public audit_entry',
    ),
  ];

  it('refuse a reference to a foreign row exactly as one to a row that does not exist', async () => {
    let asked = 0;
    for (const table of marketTables()) {
      for (const key of table.foreignKeys.filter(
        ({ target }) => target !== 'market' && marketKeyOf(known.tables.find((t) => t.name === target)!),
      )) {
        const column = key.columns.at(-1)!;
        const foreign = known.world
          .get(key.target)!
          .find(({ values }) => values.market_id === basil.marketId)!.values.id!;
        for (const role of writers(table).filter((each) => writable(table, each).includes(column))) {
          assert.equal(
            await answer(table, spareOf(table), role),
            'affected 1',
            `${table.name} as ${role}: control`,
          );
          const refused = await answer(table, { ...spareOf(table), [column]: foreign }, role);
          // The row policy speaks first where it binds the column itself, and a claim's trigger before it.
          assert.match(refused, /^(23503|42501|BH001) /, `${table.name}.${column} as ${role}`);
          const unknown = await answer(table, { ...spareOf(table), [column]: UNKNOWN }, role);
          assert.equal(refused.replaceAll(foreign, '?'), unknown.replaceAll(UNKNOWN, '?'));
          asked += 1;
        }
      }
    }
    assert.ok(asked >= 25, `only ${asked} references asked`);
  });

  it('let a market use every value that is unique within another market', async () => {
    let asked = 0;
    for (const table of marketTables()) {
      const references = table.foreignKeys.flatMap(({ columns }) => columns);
      // Amber's row with basil's own values wherever no reference or meaning binds them: ids, e-mails, import keys.
      const theirs = known.spares.find(
        (row) => row.table === table.name && row.values.market_id === basil.marketId,
      )!.values;
      const shared = (await uniqueColumns(table)).filter(
        (name) => name !== 'market_id' && !references.includes(name),
      );
      const values = {
        ...spareOf(table),
        ...Object.fromEntries(shared.map((name) => [name, theirs[name] ?? null])),
      };
      for (const role of writers(table)) {
        assert.equal(await answer(table, values, role), 'affected 1', `${table.name} as ${role}`);
        asked += shared.length;
      }
    }
    assert.ok(asked >= 25, `only ${asked} values asked`);
  });

  it('have no unique key across markets on a column that a market’s login writes', async () => {
    const across: string[] = [];
    for (const table of known.tables.filter((each) => each.name in access && marketKeyOf(each))) {
      for (const columns of await uniqueKeys(table)) {
        if (columns[0] !== marketKeyOf(table)) across.push(...columns.map((name) => `${table.name}.${name}`));
      }
    }
    assert.deepEqual(across, ['market.slug']);
    for (const command of ['insert', 'update'] as const) {
      assert.ok(!ruleOf('market', 'bulkhead_partner', command)?.columns.includes('slug'));
      assert.ok(!ruleOf('market', 'bulkhead_partner_gate', command)?.columns.includes('slug'));
    }
  });

  async function uniqueKeys(table: TableShape): Promise<string[][]> {
    const { rows } = await client.query<{ columns: string[] }>(
      `select (select array_agg(a.attname::text order by o) from unnest(i.indkey::int2[]) with ordinality as u(n, o)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.n) as columns
       from pg_index i where indisunique and indrelid = $1::regclass`,
      [table.name],
    );
    return rows.map(({ columns }) => columns);
  }

  const uniqueColumns = async (table: TableShape): Promise<string[]> => [
    ...new Set((await uniqueKeys(table)).flat()),
  ];
});
