import { loginNames } from '../../db/setup/roles.ts';
import type { CatalogueRule } from './ask.ts';

const LOGINS = `(${loginNames.map((name) => `'${name}'`).join(', ')})`;

const attribute = (rule: CatalogueRule['rule'], column: string, word: string): CatalogueRule => ({
  rule,
  says: `has ${word}`,
  sql: `select rolname::text as what, format('alter role %I no${word.toLowerCase()};', rolname) as mend
        from pg_roles where rolname in ${LOGINS} and ${column}`,
});

const privilege = (rule: CatalogueRule['rule'], what: string, held: string): CatalogueRule => ({
  rule,
  says: `holds ${what}`,
  sql: `select rolname::text as what, 'npm run db:roles' as mend from pg_roles r where rolname in ${LOGINS} and ${held}`,
});

/** What every login and every owner may not be or become, whichever of them asks. */
export const roleRules: readonly CatalogueRule[] = [
  attribute('BH-ROL-002', 'rolsuper', 'SUPERUSER'),
  attribute('BH-ROL-003', 'rolbypassrls', 'BYPASSRLS'),
  attribute('BH-ROL-004', 'rolcreaterole', 'CREATEROLE'),
  attribute('BH-ROL-004', 'rolcreatedb', 'CREATEDB'),
  attribute('BH-ROL-004', 'rolreplication', 'REPLICATION'),
  {
    rule: 'BH-ROL-005',
    says: '',
    sql: `select m.member::regrole || ' can become ' || m.roleid::regrole as what,
            format('revoke %s from %s;', m.roleid::regrole, m.member::regrole) as mend
          from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname in ${LOGINS}`,
  },
  {
    rule: 'BH-ROL-008',
    says: '',
    // Whoever may create roles holds what it has made; superusers need no membership.
    sql: `select m.member::regrole || ' can become ' || g.rolname as what, format('revoke %I from %s;', g.rolname, m.member::regrole) as mend
          from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
          where g.rolname like 'bulkhead\\_%' and r.rolname not in ${LOGINS} and r.rolname <> 'bulkhead_owner'
            and not r.rolsuper and not r.rolcreaterole`,
  },
  privilege(
    'BH-ROL-009',
    'CREATE in the database',
    `has_database_privilege(r.oid, current_database(), 'CREATE')`,
  ),
  privilege(
    'BH-ROL-009',
    'TEMP in the database',
    `has_database_privilege(r.oid, current_database(), 'TEMP')`,
  ),
  privilege('BH-ROL-009', 'CREATE in schema public', `has_schema_privilege(r.oid, 'public', 'CREATE')`),
  privilege('BH-ROL-009', 'CREATE in schema app', `has_schema_privilege(r.oid, 'app', 'CREATE')`),
  ...[
    'pg_stat_get_activity(integer)',
    'pg_terminate_backend(integer, bigint)',
    'pg_cancel_backend(integer)',
  ].map((name) =>
    privilege('BH-ROL-010', `EXECUTE of ${name}`, `has_function_privilege(r.oid, '${name}', 'EXECUTE')`),
  ),
  {
    rule: 'BH-CTX-004',
    says: '',
    sql: `, vault_acl as (
            select nspacl as acl, nspowner as owner, 'schema vault' as what from pg_namespace where nspname = 'vault'
            union all
            select relacl, relowner, 'vault.' || relname from pg_class where relnamespace = to_regnamespace('vault')
            union all
            select a.attacl, c.relowner, 'vault.' || c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
            where c.relnamespace = to_regnamespace('vault') and a.attacl is not null)
          select x.privilege_type || ' on ' || v.what || ' is granted to ' ||
              case x.grantee when 0 then 'PUBLIC' else x.grantee::regrole::text end as what,
            format('revoke %s on %s from %s;', x.privilege_type, v.what, case x.grantee when 0 then 'public' else x.grantee::regrole::text end) as mend
          from vault_acl v, aclexplode(v.acl) x where x.grantee <> v.owner`,
  },
  {
    rule: 'BH-CTX-004',
    says: 'is not owned by bulkhead_context',
    sql: `select 'schema ' || nspname as what, format('alter schema %I owner to bulkhead_context;', nspname) as mend
          from pg_namespace where nspname in ('vault', 'app') and nspowner <> to_regrole('bulkhead_context')`,
  },
  {
    rule: 'BH-SRV-002',
    says: '',
    sql: `select coalesce(datname, 'every database') || ' starts each connection with ' || setting as what,
            format('alter database %I reset %s;', datname, split_part(setting, '=', 1)) as mend
          from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase, unnest(setconfig) setting
          where setrole = 0 and (d.datname is null or d.datname = current_database())`,
  },
  {
    rule: 'BH-FUN-010',
    says: 'runs with its owner’s rights outside of schema app',
    sql: `select 'function ' || p.oid::regprocedure as what, format('drop function %s;', p.oid::regprocedure) as mend
          from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where p.prosecdef and n.nspname not in ('app', 'guard', 'graphile_worker', 'pg_catalog', 'information_schema') and n.nspname !~ '^pg_temp' or n.nspname = 'public' and not exists (select from pg_depend where objid = p.oid and deptype = 'e')`,
  },
];
