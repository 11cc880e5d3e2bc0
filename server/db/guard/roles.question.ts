import { changedDefaults } from '../login-defaults.ts';
import { type Check, type Finding, finding, type Questioned, rows } from './check.ts';
import type { RuleId } from './rules.ts';

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

/** Which rule an attribute of a role breaks. */
export function ruleOfPower(power: string): RuleId {
  if (power === 'SUPERUSER') return 'BH-ROL-002';
  return power === 'BYPASSRLS' ? 'BH-ROL-003' : 'BH-ROL-004';
}

/** The login is the one this process may use, has no power of its own and can become no other role. */
export async function askRole({ client, subject }: Questioned): Promise<Check> {
  const [row] = await rows<RoleRow>(client, ROLE_SQL);
  const findings: Finding[] = [];
  const role = row?.role ?? 'nobody';
  if (role !== subject.role) {
    const text = `connected as ${role}, but the ${subject.surface} process must be ${subject.role}`;
    findings.push(finding('BH-ROL-001', text, 'npm run portal:env'));
  }
  for (const power of row?.powers ?? []) {
    findings.push(
      finding(ruleOfPower(power), `${role} has ${power}`, `alter role ${role} no${power.toLowerCase()};`),
    );
  }
  for (const other of row?.reachable ?? []) {
    findings.push(finding('BH-ROL-005', `${role} can become ${other}`, `revoke ${other} from ${role};`));
  }
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

/** Which rule it breaks to hold this. */
export function ruleOfPrivilege(what: string): RuleId {
  if (what.includes('vault')) return 'BH-CTX-004';
  return what.startsWith('EXECUTE') ? 'BH-ROL-010' : 'BH-ROL-009';
}

/** Nothing in reach of the login that could look at, or shadow, what belongs to others. */
export async function askPrivileges({ client, subject }: Questioned): Promise<Check> {
  const held = await rows<{ what: string }>(client, PRIVILEGE_SQL);
  return {
    name: `privileges of ${subject.role}`,
    findings: held.map(({ what }) =>
      finding(
        ruleOfPrivilege(what),
        `${subject.role} holds ${what}; run npm run db:roles`,
        'npm run db:roles',
      ),
    ),
  };
}

/** What every connection of the login starts with is what it was given, the gates' included. */
export async function askDefaults({ client, subject }: Questioned): Promise<Check> {
  const { login, differences } = await changedDefaults(client);
  return {
    name: `defaults of ${subject.role}`,
    findings: differences.map((difference) =>
      finding('BH-ROL-007', `default of ${login}: ${difference}; run npm run db:roles`, 'npm run db:roles'),
    ),
  };
}
