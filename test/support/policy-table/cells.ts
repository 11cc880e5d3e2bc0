import { access, type Command } from '../../../server/db/access/declaration.ts';
import type { Scope } from '../../../server/market/scope.ts';
import { quoted, type TableShape } from '../fixture/tables.ts';
import { holds, type KnownRow, keeperOf, OWNER, refusalBefore, ruleOf, type World } from './expectation.ts';

/** One SQL statement of the table and the only answer to it that is right. */
export interface Cell {
  readonly table: string;
  readonly command: Command;
  readonly about: string;
  readonly sql: string;
  readonly expected: string;
}

export const DENIED = 'error 42501';

export interface CellMaker {
  readonly tables: readonly TableShape[];
  readonly partitions: readonly TableShape[];
  readonly world: World;
}

const list = (columns: readonly string[], each = quoted): string => columns.map(each).join(', ');
const keyOf = (columns: readonly string[]): string =>
  columns.map((name) => `${quoted(name)}::text`).join(` || ':' || `) || `''`;

/** What the role may read of a row's key. */
function readableKey(table: TableShape, role: string): string[] {
  const columns = ruleOf(table.name, role, 'select')?.columns ?? '*';
  return table.primaryKey.filter((name) => columns === '*' || columns.includes(name));
}
const target = (table: TableShape): string => (table.name.includes('.') ? table.name : quoted(table.name));

/** Rows that the role's rule for this command lets the scope touch. */
function touchable(
  maker: CellMaker,
  table: TableShape,
  role: string,
  command: Command,
  scope: Scope | null,
): KnownRow[] {
  const rule = ruleOf(table.name, role, command);
  if (!rule) return [];
  const key = access[table.name]!.marketKey;
  const reads = ruleOf(table.name, role, 'select');
  return maker.world.get(table.name)!.filter(
    (row) =>
      holds(rule.rows, key, row, scope, maker.world) &&
      // A statement that reads what it writes is bound by the select policy as well.
      (command === 'select' ||
        (command === 'delete' && !reads) ||
        (reads && holds(reads.rows, key, row, scope, maker.world))),
  );
}

/** select, update and delete of one role under one scope, without a WHERE: nothing but the policies narrows them. */
export function readingCells(maker: CellMaker, role: string, scope: Scope | null): Cell[] {
  const asked = maker.tables.filter(({ name }) => keeperOf(name) !== role);
  return [...asked, ...maker.partitions].flatMap((table) => {
    const owns = role === OWNER && (table.name in access || maker.partitions.includes(table));
    const rows = (command: Command) => touchable(maker, table, role, command, scope);
    const privileged = (command: Command) => owns || ruleOf(table.name, role, command) !== undefined;
    const counted = (command: Command) => (privileged(command) ? `affected ${rows(command).length}` : DENIED);
    const key = readableKey(table, role);
    const seen = `rows ${rows('select')
      .map(({ values }) => key.map((name) => values[name]).join(':'))
      .sort()
      .join(' ')}`;
    const update = ruleOf(table.name, role, 'update');
    const written = update && update.columns !== '*' ? update.columns : [];
    const all = table.columns.map(({ name }) => name);
    return [
      {
        table: table.name,
        command: 'select',
        about: 'all rows',
        sql: `select ${privileged('select') ? keyOf(key) : 'count(*)::text'} from ${target(table)}`,
        expected: privileged('select') ? seen : DENIED,
      },
      {
        table: table.name,
        command: 'update',
        about: 'all rows',
        sql: `update ${target(table)} set ${update ? list(written, (name) => `${quoted(name)} = ${quoted(name)}`) : list(all, (name) => `${quoted(name)} = default`)}`,
        expected: counted('update'),
      },
      {
        table: table.name,
        command: 'delete',
        about: 'all rows',
        sql: `delete from ${target(table)}`,
        expected: counted('delete'),
      },
      ...(table.name in access
        ? []
        : [
            {
              table: table.name,
              command: 'insert' as const,
              about: 'defaults',
              sql: `insert into ${target(table)} default values`,
              expected: DENIED,
            },
          ]),
    ] satisfies Cell[];
  });
}

/** Inserting again each spare row, own and foreign, that was taken out before: references and checks are all met. */
export function insertingCells(
  maker: CellMaker,
  role: string,
  scope: Scope | null,
  spares: readonly (KnownRow & { table: string })[],
): Cell[] {
  return spares.map((row) => {
    const table = maker.tables.find(({ name }) => name === row.table)!;
    const rule = ruleOf(table.name, role, 'insert');
    const allowed =
      rule !== undefined && holds(rule.rows, access[table.name]!.marketKey, row, scope, maker.world);
    const refusal = rule || role === OWNER ? refusalBefore(table.name, row, scope, maker.world) : null;
    const columns =
      rule && rule.columns !== '*'
        ? rule.columns
        : table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
    return {
      table: table.name,
      command: 'insert',
      about: row.key,
      sql: `insert into ${target(table)} (${list(columns)}) values (${columns.map((name) => literal(row.values[name] ?? null)).join(', ')})`,
      expected: refusal ? `error ${refusal}` : allowed ? 'affected 1' : DENIED,
    };
  });
}

export function literal(value: string | null): string {
  return value === null ? 'null' : `'${value.replaceAll("'", "''")}'`;
}
