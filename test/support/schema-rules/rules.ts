import type { Client } from 'pg';
import { triggers } from '../../../server/db/access/triggers.ts';

/** One rule, as a query for what breaks it: a table or column, and what is wrong there. */
export interface Rule {
  readonly name: string;
  readonly sql: string;
}

const MARKET_TABLES = `
  market_table as (
    select c.oid, c.relname, a.attnum as key, a.attnotnull, a.atttypid, pg_get_expr(d.adbin, d.adrelid) as fallback
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'market_id' and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition)`;

const OURS = `c.relnamespace = 'public'::regnamespace and c.relname <> '_prisma_migrations'`;

/** Of every table with a `market_id`. */
const marketRules: readonly Rule[] = [
  {
    name: 'market_id is a UUID, NOT NULL',
    sql: `select relname as what from market_table where not attnotnull or atttypid <> 'uuid'::regtype`,
  },
  {
    name: 'market_id defaults to app.market_id()',
    sql: `select relname as what from market_table where fallback is distinct from 'app.market_id()'`,
  },
  {
    name: 'row-level security is enabled and forced',
    sql: 'select m.relname as what from market_table m join pg_class c using (oid) where not (c.relrowsecurity and c.relforcerowsecurity)',
  },
  {
    name: 'there is a primary key',
    sql: 'select relname as what from market_table m where not exists (select from pg_index where indrelid = m.oid and indisprimary)',
  },
  {
    name: 'every primary and unique key begins with market_id',
    sql: 'select indexrelid::regclass::text as what from market_table m join pg_index on indrelid = m.oid where indisunique and indkey[0] <> m.key',
  },
  {
    name: 'every foreign key to a market’s table begins with market_id on both sides',
    sql: `select k.conname as what from market_table m join pg_constraint k on k.conrelid = m.oid and k.contype = 'f'
            join market_table target on target.oid = k.confrelid
          where k.conkey[1] <> m.key or k.confkey[1] <> target.key`,
  },
  {
    name: 'a foreign key to the market itself is market_id',
    sql: `select k.conname as what from market_table m join pg_constraint k on k.conrelid = m.oid and k.contype = 'f'
          where k.confrelid = 'market'::regclass and k.conkey <> array[m.key]`,
  },
  {
    name: 'a market stands behind every row: a foreign key leads to it',
    sql: `select relname as what from market_table m where not exists (
            select from pg_constraint k where k.conrelid = m.oid and k.contype = 'f' and k.conkey[1] = m.key)`,
  },
  {
    name: 'policies are permissive, each for one role and command, and there is one',
    sql: `select m.relname || coalesce('.' || p.polname, '') as what from market_table m left join pg_policy p on p.polrelid = m.oid
          where p.oid is null or not p.polpermissive or p.polcmd = '*' or cardinality(p.polroles) <> 1 or p.polroles = '{0}'`,
  },
  {
    name: 'each policy has its grant, and each grant its policy',
    sql: `with command (letter, privilege) as (values ('r', 'SELECT'), ('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE')),
            policed as (select polrelid, roleid, privilege from pg_policy, unnest(polroles) roleid, command where polcmd::text = letter),
            granted as (
              select c.oid as polrelid, x.grantee as roleid, x.privilege_type as privilege from pg_class c, aclexplode(c.relacl) x where x.grantee <> c.relowner
              union
              select a.attrelid, x.grantee, x.privilege_type from pg_attribute a, aclexplode(a.attacl) x)
          select m.relname || ' ' || privilege || ' ' || roleid::regrole as what
          from ((select * from policed except select * from granted) union (select * from granted except select * from policed)) odd
            join market_table m on m.oid = polrelid`,
  },
  {
    name: 'no role may update market_id',
    sql: `select m.relname || ' by ' || r.rolname as what from market_table m cross join pg_roles r
          where r.rolname like 'bulkhead\\_%' and r.rolname <> 'bulkhead_owner' and has_column_privilege(r.oid, m.oid, m.key, 'UPDATE')`,
  },
  {
    name: 'the planner keeps no statistics of content',
    sql: `select m.relname || '.' || a.attname as what from market_table m join pg_attribute a on a.attrelid = m.oid
          where a.attnum > 0 and not a.attisdropped and a.attstattarget is distinct from 0
            and format_type(a.atttypid, null) not in ('uuid', 'timestamp with time zone', 'date', 'boolean') and a.attname <> 'state'
            and not exists (select from pg_constraint k where k.conrelid = m.oid and k.contype = 'c' and k.conkey = array[a.attnum]
              and pg_get_constraintdef(k.oid) like '%= ANY%')`,
  },
];

/** Of the whole schema. Half of them are what a distributed PostgreSQL asks for (design, section 8). */
const schemaRules: readonly Rule[] = [
  {
    name: 'no enums',
    sql: `select typname as what from pg_type where typtype = 'e' and typnamespace = 'public'::regnamespace`,
  },
  { name: 'no sequences', sql: `select c.relname as what from pg_class c where ${OURS} and c.relkind = 'S'` },
  {
    name: 'no time without a time zone',
    sql: `select c.relname || '.' || a.attname as what from pg_class c join pg_attribute a on a.attrelid = c.oid
          where ${OURS} and c.relkind in ('r', 'p') and a.atttypid in ('timestamp'::regtype, 'time'::regtype, 'timetz'::regtype)`,
  },
  {
    name: 'no ON DELETE SET NULL or SET DEFAULT, no ON UPDATE action',
    sql: `select k.conname as what from pg_constraint k join pg_class c on c.oid = k.conrelid
          where ${OURS} and k.contype = 'f' and (k.confdeltype in ('n', 'd') or k.confupdtype <> 'a')`,
  },
  {
    name: 'no foreign key from a shared table to a market’s',
    sql: `select k.conname as what from pg_constraint k join pg_class c on c.oid = k.conrelid
          where ${OURS} and k.contype = 'f' and not c.relispartition and k.conrelid not in (select oid from market_table)
            and (k.confrelid = 'market'::regclass or k.confrelid in (select oid from market_table))`,
  },
  {
    name: 'views read with the rights of who asks',
    sql: `select c.relname as what from pg_class c where ${OURS} and (c.relkind = 'm'
          or c.relkind = 'v' and not coalesce(c.reloptions @> array['security_invoker=true'], false))`,
  },
  {
    name: 'a partition is closed to everybody: forced row-level security, no policy, no grant',
    sql: `select c.relname as what from pg_class c where ${OURS} and c.relispartition and c.relkind in ('r', 'p')
          and (not (c.relrowsecurity and c.relforcerowsecurity) or exists (select from pg_policy where polrelid = c.oid)
            or exists (select from aclexplode(c.relacl) x where x.grantee <> c.relowner)
            or exists (select from pg_attribute a, aclexplode(a.attacl) where a.attrelid = c.oid))`,
  },
  {
    name: 'no triggers but those that keep claims and queue rollups',
    sql: `select t.tgname as what from pg_trigger t join pg_class c on c.oid = t.tgrelid where ${OURS} and not t.tgisinternal
          and t.tgname not in (${Object.keys(triggers)
            .map((name) => `'${name}'`)
            .join(', ')})`,
  },
];

export const rules: readonly Rule[] = [...marketRules, ...schemaRules];

/** What breaks one rule in this database. */
export async function broken(client: Client, rule: Rule): Promise<string[]> {
  const { rows } = await client.query<{ what: string }>(
    `with ${MARKET_TABLES} ${rule.sql.replace(/^with /, ', ')} order by 1`,
  );
  return rows.map(({ what }) => what);
}
