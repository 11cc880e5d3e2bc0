import type { Client } from 'pg';
import { access } from '../../../server/db/access/declaration.ts';
import { quoted, readTables, type TableShape } from '../fixture/tables.ts';
import { OWNER, ruleOf } from './expectation.ts';

type ColumnCommand = 'select' | 'insert' | 'update';

/** What a role may do to one column is asked of the database by statements that touch no row. */
export async function columnBreaches(
  client: Client,
  roles: readonly string[],
): Promise<{ asked: number; breaches: string[] }> {
  const tables = (await readTables(client)).filter(({ name }) => name in access);
  const breaches: string[] = [];
  let asked = 0;
  await client.query('begin');
  for (const role of roles) {
    await client.query(`set local role ${role}; savepoint cell`);
    for (const table of tables) {
      for (const { column, command, sql } of questions(table)) {
        const found = await permitted(client, sql);
        asked += 1;
        if (found !== expected(table.name, role, command, column)) {
          breaches.push(`${role} ${found ? 'may' : "can't"} ${command} ${table.name}.${column}`);
        }
      }
    }
    await client.query('rollback to savepoint cell; reset role');
  }
  await client.query('rollback');
  return { asked, breaches };
}

function questions(table: TableShape): { column: string; command: ColumnCommand; sql: string }[] {
  const name = `public.${quoted(table.name)}`;
  return table.columns.flatMap(({ name: column, type, generated }) => [
    { column, command: 'select' as const, sql: `select ${quoted(column)} from ${name} limit 0` },
    { column, command: 'update' as const, sql: `update ${name} set ${quoted(column)} = default where false` },
    ...(generated
      ? []
      : [
          {
            column,
            command: 'insert' as const,
            sql: `insert into ${name} (${quoted(column)}) select null::${type} where false`,
          },
        ]),
  ]);
}

function expected(table: string, role: string, command: ColumnCommand, column: string): boolean {
  if (role === OWNER) return true;
  const columns = ruleOf(table, role, command)?.columns ?? [];
  return columns === '*' || columns.includes(column);
}

async function permitted(client: Client, sql: string): Promise<boolean> {
  try {
    await client.query(`rollback to savepoint cell; ${sql}`);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '42501') return false;
    throw error;
  }
}
