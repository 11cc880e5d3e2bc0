import type { RoleClient } from '../role-clients.ts';
import { splitConditions } from './split-conditions.ts';

export type Verb = 'select' | 'insert' | 'update' | 'delete';
export const VERBS = ['select', 'insert', 'update', 'delete'] as const satisfies readonly Verb[];

export interface PolicyFacts {
  readonly name: string;
  readonly command: Verb | 'all';
  readonly permissive: boolean;
  readonly using: readonly string[];
  /** Of the row as it is to be; empty where it is what `using` says. */
  readonly check: readonly string[];
}

/** What the catalogue says about one table to the role that asks. */
export interface TableFacts {
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly primaryKey: readonly string[];
  readonly granted: Readonly<Record<Verb, boolean>>;
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  readonly insertable: readonly string[];
  /** Whether row-level security binds this role here. */
  readonly isBound: boolean;
  readonly policies: readonly PolicyFacts[];
}

interface FactsRow extends Omit<TableFacts, 'policies' | 'table'> {
  readonly policies: readonly {
    name: string;
    command: string;
    permissive: boolean;
    using: string | null;
    check: string | null;
  }[];
}

const SQL = `
  select
    (select json_object_agg(attname, format_type(atttypid, atttypmod)) from pg_attribute
      where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
    coalesce((select json_agg(attname order by array_position(conkey, attnum)) from pg_constraint
      join pg_attribute on attrelid = conrelid and attnum = any(conkey)
      where conrelid = c.oid and contype = 'p'), '[]') as "primaryKey",
    json_build_object('select', has_any_column_privilege(c.oid, 'select'),
      'insert', has_any_column_privilege(c.oid, 'insert'), 'update', has_any_column_privilege(c.oid, 'update'),
      'delete', has_table_privilege(c.oid, 'delete')) as granted,
    coalesce((select json_agg(attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
      and has_column_privilege(c.oid, attnum, 'select')), '[]') as readable,
    coalesce((select json_agg(attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
      and attgenerated = '' and has_column_privilege(c.oid, attnum, 'update')), '[]') as writable,
    coalesce((select json_agg(attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
      and attgenerated = '' and has_column_privilege(c.oid, attnum, 'insert')), '[]') as insertable,
    row_security_active(c.oid) as "isBound",
    coalesce((select json_agg(json_build_object('name', polname,
        'command', case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
          when 'd' then 'delete' else 'all' end,
        'permissive', polpermissive, 'using', pg_get_expr(polqual, polrelid),
        'check', pg_get_expr(polwithcheck, polrelid)) order by polname)
      from pg_policy where polrelid = c.oid and exists (select from unnest(polroles) as r(oid)
        where r.oid = 0 or pg_has_role(current_user, r.oid, 'usage'))), '[]') as policies
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname = $1 and c.relkind in ('r', 'p')`;

/** @returns null for a table that is none. */
export async function readFacts(
  { query }: Pick<RoleClient, 'query'>,
  table: string,
): Promise<TableFacts | null> {
  const [row] = await query<FactsRow>(SQL, [table]);
  if (!row) return null;
  const policies = row.policies.map(({ using, check, ...policy }) => ({
    ...policy,
    command: policy.command as PolicyFacts['command'],
    using: using === null ? [] : splitConditions(using),
    check: check === null || check === using ? [] : splitConditions(check),
  }));
  return { ...row, table, policies };
}

/** The columns that any of the role's policies here mentions, by name; a few more do no harm. */
export function mentioned(facts: TableFacts, conditions: readonly string[]): string[] {
  const text = conditions.join(' ');
  return Object.keys(facts.columns).filter((name) => new RegExp(`\\b${name}\\b`).test(text));
}
