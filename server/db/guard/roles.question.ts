import { changedDefaults } from '../login-defaults.ts';
import { type Check, type Questioned, rows } from './check.ts';

interface RoleRow {
  role: string;
  powers: string[];
  reachable: string[];
}

const ROLE_SQL = `
  with recursive reach as (
    select member, roleid from pg_auth_members where member = session_user::regrole
    union
    select step.member, step.roleid from pg_auth_members as step join reach on step.member = reach.roleid
  )
  select session_user::text as role,
    array_remove(array[
      case when rolsuper then 'SUPERUSER' end, case when rolbypassrls then 'BYPASSRLS' end,
      case when rolcreaterole then 'CREATEROLE' end, case when rolcreatedb then 'CREATEDB' end,
      case when rolreplication then 'REPLICATION' end], null) as powers,
    array(select distinct roleid::regrole::text from reach) as reachable
  from pg_roles where rolname = session_user`;

/** The login is the one this process may use, has no power of its own and can become no other role. */
export async function askRole({ client, subject }: Questioned): Promise<Check> {
  const [row] = await rows<RoleRow>(client, ROLE_SQL);
  const findings: string[] = [];
  if (row?.role !== subject.role) {
    findings.push(`connected as ${row?.role}, but the ${subject.surface} process must be ${subject.role}`);
  }
  for (const power of row?.powers ?? []) findings.push(`${row?.role} has ${power}`);
  for (const other of row?.reachable ?? []) findings.push(`${row?.role} can become ${other}`);
  return { name: `role ${subject.role}`, findings };
}

const PRIVILEGE_SQL = `
  select what from (values
    ('CREATE in the database', has_database_privilege(current_database(), 'CREATE')),
    ('TEMP in the database', has_database_privilege(current_database(), 'TEMP')),
    ('CREATE in schema public', has_schema_privilege('public', 'CREATE')),
    ('CREATE in schema app', has_schema_privilege('app', 'CREATE')),
    ('USAGE of schema vault', has_schema_privilege('vault', 'USAGE')),
    ('EXECUTE of pg_stat_get_activity', has_function_privilege('pg_stat_get_activity(integer)', 'EXECUTE')),
    ('EXECUTE of pg_terminate_backend', has_function_privilege('pg_terminate_backend(integer, bigint)', 'EXECUTE')),
    ('EXECUTE of pg_cancel_backend', has_function_privilege('pg_cancel_backend(integer)', 'EXECUTE'))
  ) as privilege(what, held) where held`;

/** Nothing in reach of the login that could look at, or shadow, what belongs to others. */
export async function askPrivileges({ client, subject }: Questioned): Promise<Check> {
  const held = await rows<{ what: string }>(client, PRIVILEGE_SQL);
  return {
    name: `privileges of ${subject.role}`,
    findings: held.map((row) => `${subject.role} holds ${row.what}; run npm run db:roles`),
  };
}

/** What every connection of the login starts with is what it was given, the gates' included. */
export async function askDefaults({ client, subject }: Questioned): Promise<Check> {
  const { login, differences } = await changedDefaults(client);
  return {
    name: `defaults of ${subject.role}`,
    findings: differences.map((difference) => `default of ${login}: ${difference}; run npm run db:roles`),
  };
}
