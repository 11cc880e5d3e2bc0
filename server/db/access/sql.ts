import type { Command, Role, Rule, TableAccess } from './declaration.ts';
import { predicateSql } from './predicates.ts';

/** A policy's name says the role and the command: `partner_select`. */
export function policyName(role: Role, command: Command): string {
  return `${role.replace('bulkhead_', '')}_${command}`;
}

/** Quotes what is a keyword in a column list; the rest reads better bare. */
const quoted = (column: string): string => (column === 'column' ? '"column"' : column);

/** One CREATE POLICY: what `role` may touch with `command`. */
export function policySql(table: string, key: string, role: Role, command: Command, rule: Rule): string {
  const rows = predicateSql(rule.rows, key);
  const after = predicateSql(rule.after ?? rule.rows, key);
  const using = command === 'insert' ? '' : `\n  using (${rows})`;
  const check = command === 'insert' || command === 'update' ? `\n  with check (${after})` : '';
  return `create policy ${policyName(role, command)} on ${table} for ${command} to ${role}${using}${check};\n`;
}

/** A policy and its grant, in that order: a grant must never be there before its policy. */
function ruleSql(table: string, key: string, role: Role, command: Command, rule: Rule): string {
  const columns = rule.columns === '*' ? '' : ` (\n  ${rule.columns.map(quoted).join(', ')}\n)`;
  return `${policySql(table, key, role, command, rule)}grant ${command}${columns} on ${table} to ${role};\n`;
}

/** Row-level security, policies and grants of one table, as a migration carries them. */
export function accessSql(table: string, access: TableAccess): string {
  const rules = Object.entries(access.roles).flatMap(([role, commands]) =>
    Object.entries(commands).map(([command, rule]) =>
      ruleSql(table, access.marketKey ?? '', role as Role, command as Command, rule as Rule),
    ),
  );
  return (
    `alter table ${table} enable row level security;\n` +
    `alter table ${table} force row level security;\n${rules.join('')}`
  );
}
