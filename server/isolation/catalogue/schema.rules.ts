import type { CatalogueRule } from './ask.ts';

const OURS = `c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and c.relname <> '_prisma_migrations'`;

/** What has to hold of tables, keys and views, whatever they are called. */
export const schemaRules: readonly CatalogueRule[] = [
  {
    rule: 'BH-SCH-001',
    says: 'may be NULL, or is no UUID',
    sql: `select relname || '.market_id' as what, format('alter table %I alter column market_id set not null;', relname) as mend
          from market_table where not attnotnull or atttypid <> 'uuid'::regtype`,
  },
  {
    rule: 'BH-SCH-002',
    says: 'does not begin with market_id: it tells one market that another has a row',
    sql: `select 'unique key ' || indexrelid::regclass as what,
            case when k.oid is null then format('drop index %s;', indexrelid::regclass)
              else format('alter table %I drop constraint %I;', relname, k.conname) end as mend
          from market_table m join pg_index i on indrelid = m.oid left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('u', 'p', 'x')
          where (indisunique or indisexclusion) and indkey[0] <> m.key`,
  },
  {
    rule: 'BH-SCH-003',
    says: 'does not carry market_id: it may point into another market',
    sql: `select 'foreign key ' || k.conname as what, format('alter table %s drop constraint %I;', k.conrelid::regclass, k.conname) as mend
          from pg_constraint k join pg_class c on c.oid = k.conrelid and not c.relispartition
            left join market_table m on m.oid = k.conrelid left join market_table target on target.oid = k.confrelid
          where k.contype = 'f' and c.relnamespace = 'public'::regnamespace and (
            target.oid is not null and (m.oid is null or k.conkey[1] <> m.key or k.confkey[1] <> target.key)
            or k.confrelid = to_regclass('public.market') and (m.oid is null or k.conkey <> array[m.key]))`,
  },
  {
    rule: 'BH-SCH-004',
    says: 'has no index that leads with market_id',
    sql: `select 'table ' || relname as what, format('create index on %I (market_id);', relname) as mend from market_table m
          where not exists (select from pg_index where indrelid = m.oid and indkey[0] = m.key and indisvalid)`,
  },
  {
    rule: 'BH-SCH-005',
    says: 'reads with the rights of its owner: row-level security does not bind who asks',
    sql: `select 'view ' || c.relname as what, format('alter view %s set (security_invoker = true);', c.oid::regclass) as mend
          from pg_class c where ${OURS} and c.relkind = 'v' and not coalesce(c.reloptions @> array['security_invoker=true'], false)`,
  },
  {
    rule: 'BH-SCH-006',
    says: 'keeps rows that no policy covers',
    sql: `select 'materialized view ' || c.relname as what, format('drop materialized view %s;', c.oid::regclass) as mend
          from pg_class c where ${OURS} and c.relkind = 'm'`,
  },
  {
    rule: 'BH-SCH-007',
    says: 'rewrites statements',
    sql: `select 'rule ' || w.rulename || ' on ' || c.relname as what, format('drop rule %I on %s;', w.rulename, c.oid::regclass) as mend
          from pg_rewrite w join pg_class c on c.oid = w.ev_class where ${OURS} and w.rulename <> '_RETURN'`,
  },
  {
    rule: 'BH-SCH-008',
    says: 'is not owned by bulkhead_owner',
    sql: `select 'table ' || c.relname as what, format('alter table %s owner to bulkhead_owner;', c.oid::regclass) as mend
          from pg_class c where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relowner <> to_regrole('bulkhead_owner')`,
  },
  {
    rule: 'BH-SCH-009',
    says: 'has statistics: EXPLAIN shows what other markets have in it',
    sql: `select 'column ' || m.relname || '.' || a.attname as what,
            format('alter table %I alter column %I set statistics 0;', m.relname, a.attname) as mend
          from market_table m join pg_attribute a on a.attrelid = m.oid
          where a.attnum > 0 and not a.attisdropped and a.attstattarget is distinct from 0
            and format_type(a.atttypid, null) not in ('uuid', 'timestamp with time zone', 'date', 'boolean') and a.attname <> 'state'
            and not exists (select from pg_constraint k where k.conrelid = m.oid and k.contype = 'c' and k.conkey = array[a.attnum]
              and pg_get_constraintdef(k.oid) like '%= ANY%')
          union all
          select 'extended statistics ' || stxname, format('drop statistics %s;', stxname) from pg_statistic_ext join market_table m on m.oid = stxrelid`,
  },
  {
    rule: 'BH-SCH-010',
    says: 'may be entered by a portal’s login',
    sql: `select 'schema ' || nspname as what, format('drop schema %I; -- or revoke usage on it', nspname) as mend from pg_namespace n
          where nspname not in ('public', 'app', 'graphile_worker', 'information_schema') and nspname !~ '^pg_'
            and exists (select from pg_roles r where r.rolname ~ '^bulkhead_(admin|partner|public|device)' and has_schema_privilege(r.oid, n.oid, 'USAGE'))`,
  },
  {
    rule: 'BH-SCH-011',
    says: 'is declared nowhere',
    sql: `select 'extension ' || extname as what, format('drop extension %I;', extname) as mend from pg_extension where extname <> 'plpgsql'`,
  },
  {
    rule: 'BH-SCH-012',
    says: 'sends rows of all markets to whoever subscribes',
    sql: `select 'publication ' || pubname as what, format('drop publication %I;', pubname) as mend from pg_publication`,
  },
];

/** Of policies, grants and triggers what the declared ones can't say. */
export const accessRules: readonly CatalogueRule[] = [
  {
    rule: 'BH-POL-004',
    says: 'lets rows of any market through',
    sql: `select 'policy ' || p.tablename || '.' || p.policyname as what, format('drop policy %I on %I;', p.policyname, p.tablename) as mend
          from pg_policies p join market_table m on m.relname = p.tablename
          where p.roles && array['bulkhead_partner', 'bulkhead_public', 'bulkhead_device', 'public']::name[]
            and (p.qual = 'true' or p.with_check = 'true' or concat(p.qual, ' ', p.with_check) ~* '\\mor\\M')`,
  },
  {
    rule: 'BH-GRA-007',
    says: 'is granted on what will be made',
    sql: `select defaclrole::regrole || ': ' || defaclacl::text as what,
            format('alter default privileges for role %s revoke all on tables from public; -- and from each grantee', defaclrole::regrole) as mend
          from pg_default_acl where defaclrole::regrole::text like 'bulkhead%'`,
  },
  {
    rule: 'BH-TRG-003',
    says: 'is switched off: a reference is not checked',
    sql: `select 'trigger of ' || coalesce(k.conname, t.tgname) || ' on ' || t.tgrelid::regclass as what,
            format('alter table %s enable trigger all;', t.tgrelid::regclass) as mend
          from pg_trigger t join pg_class c on c.oid = t.tgrelid left join pg_constraint k on k.oid = t.tgconstraint
          where ${OURS} and t.tgisinternal and t.tgenabled not in ('O', 'A')`,
  },
];
