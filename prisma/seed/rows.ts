import type { ClientBase } from 'pg';

type Columns = Readonly<Record<string, string>>;
/** One value per column, as PostgreSQL reads it from text; dates and JSON are converted here. */
export type Row<C extends Columns> = Readonly<Record<keyof C, unknown>>;

const CHUNK = 2_000;

function asText(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : value;
}

/** Inserts many rows a statement: each column travels as one array. `columns` maps a name to its SQL type. */
export async function insertRows<C extends Columns>(
  client: ClientBase,
  table: string,
  columns: C,
  rows: readonly Row<C>[],
  suffix = '',
): Promise<void> {
  const names = Object.keys(columns);
  const arrays = names.map((name, i) => `$${i + 1}::${columns[name]}[]`);
  const sql = `insert into ${table} (${names.join(', ')}) select * from unnest(${arrays.join(', ')}) ${suffix}`;
  for (let from = 0; from < rows.length; from += CHUNK) {
    const part = rows.slice(from, from + CHUNK);
    await client.query(
      sql,
      names.map((name) => part.map((row) => asText(row[name]))),
    );
  }
}
