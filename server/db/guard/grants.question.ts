import { access, type Rule } from '../access/declaration.ts';
import { type Check, type Finding, finding, type Questioned, rows } from './check.ts';
import type { RuleId } from './rules.ts';

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

/** The gravest of what an undeclared grant breaks. */
function ruleOfGrant({ grantee, command, column }: GrantRow): RuleId {
  if (grantee === 'PUBLIC') return 'BH-GRA-004';
  if (['TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'].includes(command)) return 'BH-GRA-005';
  if (command === 'UPDATE' && column === 'market_id') return 'BH-GRA-006';
  return column ? 'BH-GRA-003' : 'BH-GRA-001';
}

const privilegeOf = ({ table, grantee, command, column }: GrantRow): string =>
  `${command.toLowerCase()}${column ? ` ("${column}")` : ''} on "${table}" SIDE ${grantee}`;

function declaredGrants(): Map<string, GrantRow> {
  const grants = new Map<string, GrantRow>();
  for (const [table, { roles }] of Object.entries(access)) {
    for (const [grantee, rules] of Object.entries(roles)) {
      for (const [command, rule] of Object.entries(rules as Record<string, Rule>)) {
        const columns = rule.columns === '*' ? [null] : rule.columns;
        for (const column of columns) {
          const row = { table, grantee, command, column };
          grants.set(line(row), row);
        }
      }
    }
  }
  return grants;
}

/** Every privilege on every table is declared, column by column; TRUNCATE, REFERENCES and TRIGGER never are. */
export async function askGrants({ client }: Questioned): Promise<Check> {
  const declared = declaredGrants();
  const findings: Finding[] = [];
  for (const row of await rows<GrantRow>(client, GRANT_SQL)) {
    if (declared.delete(line(row))) continue;
    const mend = `revoke ${privilegeOf(row).replace('SIDE', 'from')};`;
    findings.push(finding(ruleOfGrant(row), `granted but not declared: ${line(row)}`, mend));
  }
  for (const [missing, row] of declared) {
    const mend = `grant ${privilegeOf(row).replace('SIDE', 'to')};`;
    findings.push(finding('BH-GRA-002', `declared but not granted: ${missing}`, mend));
  }
  return { name: 'grants', findings };
}
