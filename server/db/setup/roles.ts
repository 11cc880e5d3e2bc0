import type pg from 'pg';
import { BootError } from '../../boot-error.ts';
import { closeCatalogue } from './catalogue.ts';
import { keepPolicies } from './keep-policies.ts';

/** Logins of the portals, with how many connections each may hold in all. */
export const logins = {
  bulkhead_admin: 60,
  bulkhead_partner: 60,
  bulkhead_public: 60,
  bulkhead_device: 40,
  bulkhead_admin_gate: 30,
  bulkhead_partner_gate: 30,
} as const;

export type Login = keyof typeof logins;
export const loginNames = Object.keys(logins) as Login[];
export type RolePasswords = Record<Login, string>;

/** They own functions; `bulkhead_owner`, who owns the tables, becomes them where migrations make those. */
const functionOwners = [
  'bulkhead_context',
  'bulkhead_statistics',
  'bulkhead_limits',
  'bulkhead_sync',
  'bulkhead_messenger',
  'bulkhead_chain',
  'bulkhead_decoy',
];
const owners = ['bulkhead_owner', ...functionOwners];

/**
 * Creates or corrects the roles of the whole server. Safe to repeat; needs a superuser, or a login with CREATEROLE.
 * The owners can't log in; the logins own nothing, inherit nothing and are members of nothing.
 * @throws BootError when the login may not do this, or the server is older than PostgreSQL 15.
 */
export async function ensureRoles(client: pg.Client, passwords: RolePasswords): Promise<void> {
  const { superuser, version } = await whoAmI(client);
  for (const name of owners) await ensureRole(client, name, 'nologin');
  for (const name of loginNames) {
    await ensureRole(client, name, 'login');
    await client.query(`alter role ${name} connection limit ${logins[name]}`);
    await client.query(`alter role ${name} password ${client.escapeLiteral(passwords[name])}`);
    await configure(client, name);
  }
  await leaveGroups(client);
  // Migrations run as the owner, and as the owners of functions where they make those.
  const options = version >= 160_000 ? 'with inherit false, set true' : '';
  await client.query(`grant ${functionOwners.join(', ')} to bulkhead_owner ${options}`);
  if (superuser) return;
  for (const name of owners) await client.query(`grant ${name} to current_user ${options}`);
}

/**
 * Closes one database to everybody but the logins, and makes the schemas that migrations fill. Safe to repeat.
 * A database made from a template needs it again: rights on the database itself are not copied.
 * @returns what could not be closed, one line each, for the operator.
 */
export async function secureDatabase(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query('select quote_ident(current_database()) as name');
  const database = rows[0].name;
  await client.query(`
    revoke all on database ${database} from public;
    grant connect on database ${database} to ${loginNames.join(', ')};
    revoke all on schema public from public;
    grant usage on schema public to ${[...loginNames, ...functionOwners].join(', ')};
    grant usage, create on schema public to bulkhead_owner;
    create schema if not exists app authorization bulkhead_context;
    create schema if not exists vault authorization bulkhead_context;
    set role bulkhead_context;
    revoke all on schema app, vault from public;
    grant usage on schema app to ${[...loginNames, ...owners].join(', ')};
    reset role;
  `);
  return [...(await closeCatalogue(client)), ...(await keepPolicies(client, loginNames))];
}

async function whoAmI(client: pg.Client): Promise<{ superuser: boolean; version: number }> {
  const { rows } = await client.query(`
    select rolname, rolsuper, rolcreaterole, current_setting('server_version_num')::int as version
    from pg_roles where rolname = current_user`);
  const { rolname, rolsuper, rolcreaterole, version } = rows[0];
  if (version < 150_000) throw new BootError('PostgreSQL 15 or later is needed: this server is older.');
  if (rolsuper || rolcreaterole) return { superuser: rolsuper, version };
  throw new BootError(`${rolname} may not create roles: set MIGRATE_DATABASE_URL to a superuser's address.`);
}

const attributes = {
  rolsuper: 'nosuperuser',
  rolcreatedb: 'nocreatedb',
  rolcreaterole: 'nocreaterole',
  rolreplication: 'noreplication',
  rolbypassrls: 'nobypassrls',
  rolinherit: 'noinherit',
};

// Each attribute is changed only when wrong: to name some of them at all takes a superuser before PostgreSQL 16.
async function ensureRole(client: pg.Client, name: string, kind: 'login' | 'nologin'): Promise<void> {
  const find = () => client.query('select * from pg_roles where rolname = $1', [name]);
  let role = (await find()).rows[0];
  if (!role) {
    await client.query(`create role ${name} ${kind} noinherit`);
    role = (await find()).rows[0];
  }
  const wrong = Object.entries(attributes).flatMap(([column, word]) => (role[column] ? [word] : []));
  if (role.rolcanlogin !== (kind === 'login')) wrong.push(kind);
  if (wrong.length > 0) await client.query(`alter role ${name} ${wrong.join(' ')}`);
}

/** The defaults that each connection of a login starts with, as `ALTER ROLE … SET` stores them. */
export function loginSettings(name: Login): Record<string, string> {
  return {
    timezone: 'UTC',
    search_path: 'public',
    statement_timeout: '15s',
    lock_timeout: '5s',
    idle_in_transaction_session_timeout: '15s',
    // Named statements are planned once: markets differ in size, not in which index finds their rows.
    ...(name.endsWith('_gate') ? {} : { plan_cache_mode: 'force_generic_plan' }),
  };
}

// One script, so one transaction: a connection made meanwhile finds the old defaults or the new, not none.
async function configure(client: pg.Client, name: Login): Promise<void> {
  const settings = Object.entries(loginSettings(name));
  await client.query(`
    alter role ${name} reset all;
    do $$ begin execute format('alter role ${name} in database %I reset all', current_database()); end $$;
    ${settings.map(([setting, value]) => `alter role ${name} set ${setting} = '${value}'`).join(';')}`);
}

// A login that is a member of anything could become it.
async function leaveGroups(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `select distinct quote_ident(granted.rolname) as granted, member.rolname as member
     from pg_auth_members m join pg_roles granted on granted.oid = m.roleid join pg_roles member on member.oid = m.member
     where member.rolname = any($1)`,
    [[...loginNames, ...functionOwners]],
  );
  for (const { granted, member } of rows) await client.query(`revoke ${granted} from ${member} cascade`);
}
