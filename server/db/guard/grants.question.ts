import { access, type Rule } from '../access/declaration.ts';
import { type Check, type Questioned, rows } from './check.ts';

const GRANT_SQL = `
  select relname as table, grantee, command, column_name as column from (
    select c.relname, a.grantee, a.privilege_type as command, null::name as column_name
    from pg_class c, aclexplode(c.relacl) a
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.grantee <> c.relowner
    union all
    select c.relname, a.grantee, a.privilege_type, t.attname
    from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
    where c.relnamespace = 'public'::regnamespace and t.attnum > 0 and not t.attisdropped and a.grantee <> c.relowner
  ) as privilege(relname, grantee_oid, command, column_name)
  cross join lateral (select case grantee_oid when 0 then 'PUBLIC' else grantee_oid::regrole::text end) as g(grantee)
  where relname <> '_prisma_migrations'`;

interface GrantRow {
  table: string;
  grantee: string;
  command: string;
  column: string | null;
}

const line = (row: GrantRow): string =>
  `${row.command.toLowerCase()}${row.column ? ` (${row.column})` : ''} on ${row.table} to ${row.grantee}`;

function declaredGrants(): Set<string> {
  const grants = new Set<string>();
  for (const [table, { roles }] of Object.entries(access)) {
    for (const [grantee, rules] of Object.entries(roles)) {
      for (const [command, rule] of Object.entries(rules as Record<string, Rule>)) {
        const columns = rule.columns === '*' ? [null] : rule.columns;
        for (const column of columns) grants.add(line({ table, grantee, command, column }));
      }
    }
  }
  return grants;
}

/** Every privilege on every table is declared, column by column; TRUNCATE, REFERENCES and TRIGGER never are. */
export async function askGrants({ client }: Questioned): Promise<Check> {
  const declared = declaredGrants();
  const findings: string[] = [];
  for (const row of await rows<GrantRow>(client, GRANT_SQL)) {
    if (!declared.delete(line(row))) findings.push(`granted but not declared: ${line(row)}`);
  }
  for (const missing of declared) findings.push(`declared but not granted: ${missing}`);
  return { name: 'grants', findings };
}
