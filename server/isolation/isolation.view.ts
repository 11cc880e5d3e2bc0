import { access, type Command, type Role } from '../db/access/declaration.ts';
import type { Finding } from '../db/guard/check.ts';
import type { TableSnapshot } from './catalogue/snapshot.ts';
import type { Examined } from './installation.ts';

/** A table on one line: how it stands, and how much is wrong with it. */
export function tableLines({ snapshot }: Examined, findings: readonly Finding[]) {
  return snapshot.tables.map(({ name, enabled, forced, policies, grants }) => ({
    ...{ name, isMarkets: access[name]?.marketKey != null },
    bound: enabled ? (forced ? 'forced' : 'unforced') : 'off',
    policies: policies.length,
    grants: grants.length,
    wrong: aboutTable(name, findings).length,
  }));
}

/** Findings that name this table. */
export function aboutTable(table: string, findings: readonly Finding[]): Finding[] {
  const named = new RegExp(`\\b${table}\\b`);
  return findings.filter(({ text, mend }) => named.test(text) || named.test(mend));
}

/** One table down to its columns, with each policy's words from the declaration. */
export function tableView(table: TableSnapshot) {
  const key = access[table.name]?.marketKey ?? null;
  return {
    ...table,
    key,
    policies: table.policies.map((policy) => ({
      ...policy,
      predicate: predicateOf(table.name, policy.roles, policy.command),
    })),
    keys: table.keys.map((each) => ({ ...each, carries: key ? each.columns.includes(key) : null })),
    indexes: table.indexes.map((each) => ({ ...each, leads: key ? each.columns[0] === key : null })),
  };
}

function predicateOf(table: string, roles: readonly string[], command: string): string {
  const rule = access[table]?.roles[roles[0] as Role]?.[command as Command];
  return roles.length === 1 && rule ? rule.rows : 'none';
}
