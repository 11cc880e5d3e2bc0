import type { Client } from 'pg';
import { readBodies } from './bodies.question.ts';

export interface TableSnapshot {
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly columns: readonly string[];
  readonly policies: readonly PolicySnapshot[];
  readonly grants: readonly GrantSnapshot[];
  readonly keys: readonly KeySnapshot[];
  readonly indexes: readonly IndexSnapshot[];
}

export interface PolicySnapshot {
  readonly name: string;
  readonly roles: readonly string[];
  readonly command: string;
  readonly using: string | null;
  readonly check: string | null;
}

/** `columns` null: the whole table. */
export interface GrantSnapshot {
  readonly role: string;
  readonly command: string;
  readonly columns: readonly string[] | null;
}

export interface KeySnapshot {
  readonly name: string;
  readonly kind: string;
  readonly definition: string;
  readonly columns: readonly string[];
}

export interface IndexSnapshot {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
}

export interface RoleSnapshot {
  readonly name: string;
  readonly login: boolean;
  readonly powers: readonly string[];
  readonly limit: number;
  readonly memberOf: readonly string[];
  readonly settings: readonly string[];
  readonly schemas: readonly string[];
}

export interface FunctionSnapshot {
  readonly name: string;
  readonly owner: string;
  readonly definer: boolean;
  readonly volatility: string;
  readonly settings: string;
  readonly executors: readonly string[];
  readonly body: string;
}

/** What the catalogue says about isolation, in an order that does not change. Single partitions, which come by month, are left out. */
export interface Snapshot {
  readonly tables: readonly TableSnapshot[];
  readonly roles: readonly RoleSnapshot[];
  readonly functions: readonly FunctionSnapshot[];
  readonly triggers: readonly string[];
}

const TABLES = `
  with acl as (
    select c.oid, x.grantee, x.privilege_type, null::name as attname from pg_class c, aclexplode(c.relacl) x where x.grantee <> c.relowner
    union all
    select c.oid, x.grantee, x.privilege_type, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0, aclexplode(a.attacl) x
    where x.grantee <> c.relowner),
  grants as (
    select oid, case grantee when 0 then 'PUBLIC' else grantee::regrole::text end as role, privilege_type as command,
      case when bool_or(attname is null) then null else json_agg(attname order by attname) end as columns
    from acl group by oid, grantee, privilege_type)
  select c.relname as name, c.relkind as kind, pg_get_userbyid(c.relowner) as owner, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped order by attnum) as columns,
    coalesce((select json_agg(json_build_object('name', policyname, 'roles', roles, 'command', lower(cmd), 'using', qual, 'check', with_check) order by policyname)
      from pg_policies where schemaname = 'public' and tablename = c.relname), '[]') as policies,
    coalesce((select json_agg(json_build_object('role', role, 'command', lower(command), 'columns', columns) order by role, command)
      from grants g where g.oid = c.oid), '[]') as grants,
    coalesce((select json_agg(json_build_object('name', conname, 'kind', contype, 'definition', pg_get_constraintdef(k.oid),
        'columns', array(select attname from unnest(conkey) with ordinality u(n, o) join pg_attribute on attrelid = conrelid and attnum = u.n order by o)) order by conname)
      from pg_constraint k where k.conrelid = c.oid and contype in ('p', 'u', 'f', 'x')), '[]') as keys,
    coalesce((select json_agg(json_build_object('name', x.relname, 'unique', indisunique, 'columns',
        array(select coalesce(attname, '(…)') from unnest(indkey::int2[]) with ordinality u(n, o) left join pg_attribute on attrelid = indrelid and attnum = u.n and u.n > 0 order by o)) order by x.relname)
      from pg_index join pg_class x on x.oid = indexrelid where indrelid = c.oid), '[]') as indexes
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and c.relname <> '_prisma_migrations' order by c.relname`;

const ROLES = `
  select rolname as name, rolcanlogin as login, rolconnlimit as limit,
    array_remove(array[case when rolsuper then 'SUPERUSER' end, case when rolbypassrls then 'BYPASSRLS' end, case when rolcreaterole then 'CREATEROLE' end,
      case when rolcreatedb then 'CREATEDB' end, case when rolreplication then 'REPLICATION' end, case when rolinherit then 'INHERIT' end], null) as powers,
    array(select roleid::regrole::text from pg_auth_members where member = r.oid order by 1) as "memberOf",
    array(select unnest(setconfig) from pg_db_role_setting where setrole = r.oid and setdatabase in (0, (select oid from pg_database where datname = current_database())) order by 1) as settings,
    array(select nspname::text from pg_namespace n where nspname !~ '^pg_' and nspname <> 'information_schema' and has_schema_privilege(r.oid, n.oid, 'USAGE') order by 1) as schemas
  from pg_roles r where rolname like 'bulkhead\\_%' order by rolname`;

const FUNCTIONS = `
  select p.oid::regprocedure::text as name, pg_get_userbyid(proowner) as owner, prosecdef as definer, provolatile as volatility,
    coalesce(array_to_string(proconfig, ','), '') as settings,
    array(select case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end from aclexplode(coalesce(proacl, acldefault('f', proowner))) a
      where a.grantee <> proowner order by 1) as executors
  from pg_proc p where pronamespace in ('app'::regnamespace, to_regnamespace('guard')) order by 1`;

const TRIGGERS = `
  select pg_get_triggerdef(t.oid) || case when tgenabled in ('O', 'A') then '' else ' (off)' end as definition from pg_trigger t join pg_class c on c.oid = tgrelid
  where not tgisinternal and tgparentid = 0 and c.relnamespace = 'public'::regnamespace order by 1`;

export async function readSnapshot(client: Client): Promise<Snapshot> {
  const rows = async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows;
  const bodies = await readBodies(client);
  const functions = await rows<Omit<FunctionSnapshot, 'body'>>(FUNCTIONS);
  return {
    tables: await rows<TableSnapshot>(TABLES),
    roles: await rows<RoleSnapshot>(ROLES),
    functions: functions.map((row) => ({ ...row, body: bodies[row.name] ?? '' })),
    triggers: (await rows<{ definition: string }>(TRIGGERS)).map(({ definition }) => definition),
  };
}
