import type { Client } from 'pg';
import { type Finding, finding } from '../../db/guard/check.ts';
import type { RuleId } from '../../db/guard/rules.ts';

/** A rule as a query for what breaks it: `what` is wrong, and the statement that mends it. */
export interface CatalogueRule {
  readonly rule: RuleId;
  /** Said behind `what`. */
  readonly says: string;
  readonly sql: string;
}

/** Every table with a `market_id`, whole partitioned ones included, single partitions not. */
const MARKET_TABLES = `
  market_table as (
    select c.oid, c.relname, a.attnum as key, a.attnotnull, a.atttypid
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'market_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition)`;

/** Everything that breaks one of these rules in this database. */
export async function askRules(client: Client, rules: readonly CatalogueRule[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const { rule, says, sql } of rules) {
    const { rows } = await client.query<{ what: string; mend: string }>(
      `with ${MARKET_TABLES} ${sql} order by 1`,
    );
    found.push(...rows.map(({ what, mend }) => finding(rule, `${what} ${says}`, mend)));
  }
  return found;
}
