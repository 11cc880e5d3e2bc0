import { access, type Command, type Role, type Rule } from '../access/declaration.ts';
import { predicateSql } from '../access/predicates.ts';
import { policyName } from '../access/sql.ts';
import { type Check, type Questioned, rows } from './check.ts';

/** Tables of schema public that no portal's login has anything to do with. */
const MIGRATION_TABLES = ['_prisma_migrations'];

interface TableRow {
  name: string;
  kind: string;
  enabled: boolean;
  forced: boolean;
  /** A partition has no policy and no grant of its own: whoever may reach its rows does so through the table. */
  parent: string | null;
}

/** Every table is declared, and row-level security binds everybody in it, its owner included. */
export async function askTables({ client }: Questioned): Promise<Check> {
  const tables = await rows<TableRow>(
    client,
    `select relname as name, relkind as kind, relrowsecurity as enabled, relforcerowsecurity as forced,
       (select inhparent::regclass::text from pg_inherits where relispartition and inhrelid = pg_class.oid) as parent
     from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
     and not relname = any($1)`,
    [MIGRATION_TABLES],
  );
  const findings: string[] = [];
  for (const table of tables) {
    if (!((table.parent ?? table.name) in access)) findings.push(`table ${table.name} is declared nowhere`);
    else if (!table.enabled || !table.forced)
      findings.push(`table ${table.name}: row-level security is not forced`);
  }
  const present = new Set(tables.map((table) => table.name));
  for (const name of Object.keys(access)) {
    if (!present.has(name)) findings.push(`table ${name} is missing; run npm run db:migrate`);
  }
  return { name: 'row-level security', findings };
}

/** An expression without what PostgreSQL adds when it prints one: aliases, casts of literals, brackets, spaces. */
const canonical = (expression: string | null): string =>
  (expression ?? '')
    .toLowerCase()
    .replace(/\bas \w+/g, '')
    .replace(/::text/g, '')
    .replace(/[()\s]/g, '');

interface PolicyRow {
  table: string;
  name: string;
  permissive: string;
  roles: string[];
  command: string;
  using: string | null;
  check: string | null;
}

function declaredPolicies(): Map<string, string> {
  const policies = new Map<string, string>();
  for (const [table, { marketKey, roles }] of Object.entries(access)) {
    for (const [role, rules] of Object.entries(roles)) {
      for (const [command, rule] of Object.entries(rules as Record<string, Rule>)) {
        const using = command === 'insert' ? '' : predicateSql(rule.rows, marketKey ?? '');
        const writes = command === 'insert' || command === 'update';
        const check = writes ? predicateSql(rule.after ?? rule.rows, marketKey ?? '') : '';
        const name = `${table}.${policyName(role as Role, command as Command)}`;
        policies.set(name, `PERMISSIVE ${role} ${command} ${canonical(using)} ${canonical(check)}`);
      }
    }
  }
  return policies;
}

/** The policies are the declared ones: none missing, none more, none worded otherwise. */
export async function askPolicies({ client }: Questioned): Promise<Check> {
  const actual = await rows<PolicyRow>(
    client,
    `select tablename as table, policyname as name, permissive, roles::text[] as roles, lower(cmd) as command,
       qual as using, with_check as check from pg_policies where schemaname = 'public'`,
  );
  const declared = declaredPolicies();
  const findings: string[] = [];
  for (const row of actual) {
    const name = `${row.table}.${row.name}`;
    const text = `${row.permissive} ${row.roles.join(',')} ${row.command} ${canonical(row.using)} ${canonical(row.check)}`;
    if (!declared.has(name)) findings.push(`policy ${name} is declared nowhere`);
    else if (declared.get(name) !== text) findings.push(`policy ${name} is not as declared`);
    declared.delete(name);
  }
  for (const name of declared.keys()) findings.push(`policy ${name} is missing`);
  return { name: 'policies', findings };
}
