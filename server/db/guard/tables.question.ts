import { access, type Command, type Role, type Rule } from '../access/declaration.ts';
import { predicateSql } from '../access/predicates.ts';
import { policyName, policySql } from '../access/sql.ts';
import { type Check, type Finding, finding, type Questioned, rows } from './check.ts';

/** What DROP calls a kind of relation. */
const WORDS: Readonly<Record<string, string>> = { v: 'view', m: 'materialized view', f: 'foreign table' };

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
  const findings: Finding[] = [];
  for (const { name, parent, enabled, forced, kind } of tables) {
    const force = `alter table "${name}" enable row level security; alter table "${name}" force row level security;`;
    const text = `table ${name}: row-level security is not forced`;
    if (!((parent ?? name) in access)) {
      const mend = `drop ${WORDS[kind] ?? 'table'} "${name}"; -- or declare it in server/db/access`;
      findings.push(finding('BH-RLS-003', `table ${name} is declared nowhere`, mend));
    } else if (!enabled) findings.push(finding('BH-RLS-001', text, force));
    else if (!forced) findings.push(finding('BH-RLS-002', text, force));
  }
  const present = new Set(tables.map((table) => table.name));
  for (const name of Object.keys(access)) {
    if (present.has(name)) continue;
    findings.push(
      finding('BH-RLS-004', `table ${name} is missing; run npm run db:migrate`, 'npm run db:migrate'),
    );
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

interface DeclaredPolicy {
  readonly text: string;
  readonly sql: string;
}

function declaredPolicies(): Map<string, DeclaredPolicy> {
  const policies = new Map<string, DeclaredPolicy>();
  for (const [table, { marketKey, roles }] of Object.entries(access)) {
    for (const [role, rules] of Object.entries(roles)) {
      for (const [command, rule] of Object.entries(rules as Record<string, Rule>)) {
        const using = command === 'insert' ? '' : predicateSql(rule.rows, marketKey ?? '');
        const writes = command === 'insert' || command === 'update';
        const check = writes ? predicateSql(rule.after ?? rule.rows, marketKey ?? '') : '';
        const name = `${table}.${policyName(role as Role, command as Command)}`;
        const text = `PERMISSIVE ${role} ${command} ${canonical(using)} ${canonical(check)}`;
        const sql = policySql(table, marketKey ?? '', role as Role, command as Command, rule).trim();
        policies.set(name, { text, sql });
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
  const findings: Finding[] = [];
  for (const row of actual) {
    const name = `${row.table}.${row.name}`;
    const text = `${row.permissive} ${row.roles.join(',')} ${row.command} ${canonical(row.using)} ${canonical(row.check)}`;
    const known = declared.get(name);
    const gone = `drop policy "${row.name}" on "${row.table}";`;
    if (!known) findings.push(finding('BH-POL-002', `policy ${name} is declared nowhere`, gone));
    else if (known.text !== text) {
      findings.push(finding('BH-POL-003', `policy ${name} is not as declared`, `${gone}\n${known.sql}`));
    }
    declared.delete(name);
  }
  for (const [name, { sql }] of declared)
    findings.push(finding('BH-POL-001', `policy ${name} is missing`, sql));
  return { name: 'policies', findings };
}
