import type { Client } from 'pg';
import { quoted, readPartitions, readTables, type TableShape } from '../fixture/tables.ts';
import type { FixtureRow } from '../two-markets.ts';
import type { KnownRow, World } from './expectation.ts';

export interface Spare extends KnownRow {
  readonly table: string;
}

/** Everything that the checker knows about a database before it asks as anybody else. */
export interface Known {
  readonly tables: TableShape[];
  /** Partitions of those: nobody is to come near their rows but by way of the whole table. */
  readonly partitions: TableShape[];
  readonly world: World;
  /** Rows that nothing refers to, tables that refer to others last. */
  readonly spares: Spare[];
}

/** Reads all rows as the superuser, generated columns included, and tells which of them are the spare ones. */
export async function readWorld(superuser: Client, fixture: readonly FixtureRow[]): Promise<Known> {
  const tables = await readTables(superuser);
  const world = new Map<string, KnownRow[]>();
  const spares: Spare[] = [];
  for (const table of tables) {
    const rows = await readRows(superuser, table);
    world.set(table.name, rows);
    const named = namingColumns(table);
    const nameOf = (values: Readonly<Record<string, unknown>>) =>
      named.map((name) => String(values[name])).join(':');
    const spareNames = fixture
      .filter((row) => row.table === table.name && row.variant.startsWith('spare'))
      .map(({ values }) => nameOf(values));
    spares.push(
      ...rows
        .filter(({ values }) => spareNames.includes(nameOf(values)))
        .map((row) => ({ ...row, table: table.name })),
    );
  }
  return { tables, partitions: await readPartitions(superuser), world, spares };
}

/** A row's key without instants, which PostgreSQL writes otherwise than the fixture. */
function namingColumns({ primaryKey, columns }: TableShape): string[] {
  return primaryKey.filter(
    (name) => !columns.find((column) => column.name === name)!.type.startsWith('timestamp'),
  );
}

async function readRows(client: Client, table: TableShape): Promise<KnownRow[]> {
  const columns = table.columns.map(({ name }) => `${quoted(name)}::text`).join(', ');
  const from = table.name.includes('.') ? table.name : quoted(table.name);
  const { rows } = await client.query<Record<string, string | null>>(`select ${columns} from ${from}`);
  return rows.map((values) => ({ key: table.primaryKey.map((name) => values[name]).join(':'), values }));
}
