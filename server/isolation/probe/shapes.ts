import { access } from '../../db/access/declaration.ts';
import type { RoleClient } from '../role-clients.ts';

export interface Reference {
  /** The columns beside the market's. */
  readonly columns: readonly string[];
  readonly target: string;
  readonly targetColumns: readonly string[];
}

/** A market's table as attacks need to know it. */
export interface Shape {
  readonly table: string;
  /** The column that says whose row it is. */
  readonly key: string;
  readonly primaryKey: readonly string[];
  readonly references: readonly Reference[];
  readonly types: Readonly<Record<string, string>>;
  readonly partitioned: boolean;
}

const SQL = `
  select c.relname as table, c.relkind = 'p' as partitioned,
    (select json_object_agg(attname, format_type(atttypid, atttypmod)) from pg_attribute
      where attrelid = c.oid and attnum > 0 and not attisdropped) as types,
    coalesce((select json_agg(attname order by array_position(conkey, attnum)) from pg_constraint join pg_attribute on attrelid = conrelid and attnum = any(conkey)
      where conrelid = c.oid and contype = 'p'), '[]') as "primaryKey",
    coalesce((select json_agg(json_build_object(
        'columns', (select json_agg(attname order by o) from unnest(k.conkey) with ordinality u(n, o) join pg_attribute on attrelid = k.conrelid and attnum = u.n),
        'target', k.confrelid::regclass::text,
        'targetColumns', (select json_agg(attname order by o) from unnest(k.confkey) with ordinality u(n, o) join pg_attribute on attrelid = k.confrelid and attnum = u.n)))
      from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'), '[]') as references
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`;

/** Every declared table of markets that is there. The catalogue says so to any login. */
export async function readShapes({ query }: Pick<RoleClient, 'query'>): Promise<Shape[]> {
  const rows = await query<Omit<Shape, 'key'>>(SQL);
  return rows.flatMap((row) => {
    const key = access[row.table]?.marketKey;
    return key ? [{ ...row, key }] : [];
  });
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A value of the database's own as a literal; the market ids among them have been checked to be UUIDs. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return `'${String(value).replaceAll("'", "''").replaceAll('\\', '\\\\')}'`.replace(/^(?='.*\\)/, 'E');
}
