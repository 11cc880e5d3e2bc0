import { accessSql } from '../../server/db/access/sql.ts';
import { newAccess } from './access.ts';
import type { TableNames } from './names.ts';

/** Table, row-level security, policies and grants together, so that the table is never there without them. */
export function migrationSql({ table, words }: TableNames): string {
  return `-- Say here what a ${words} is. Table with its row-level security, policies and grants.

create table ${table} (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  name text not null,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null,

  constraint ${table}_pkey primary key (market_id, id),
  constraint ${table}_name_check check (char_length(name) between 1 and 120),
  constraint ${table}_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index ${table}_market_id_created_at_id_idx on ${table}(market_id, created_at, id);
-- EXPLAIN would show other markets' content through the planner's statistics.
alter table ${table} alter column name set statistics 0;
${accessSql(table, newAccess)}`;
}

/** A name that sorts behind every migration there is, whatever the clock says. */
export function migrationName({ table }: TableNames, existing: readonly string[], now: Date): string {
  const latest =
    existing
      .filter((name) => /^\d{14}_/.test(name))
      .sort()
      .at(-1)
      ?.slice(0, 14) ?? '';
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  return `${stamp > latest ? stamp : secondAfter(latest)}_create_${table}`;
}

function secondAfter(stamp: string): string {
  const [, year, month, day, hour, minute, second] = /^(....)(..)(..)(..)(..)(..)$/.exec(stamp)!.map(Number);
  const next = new Date(Date.UTC(year!, month! - 1, day, hour, minute, second! + 1));
  return next.toISOString().replace(/\D/g, '').slice(0, 14);
}
