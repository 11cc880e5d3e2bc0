import type { ClientBase } from 'pg';
import { type Login, loginSettings, logins } from './setup/roles.ts';

const DEFAULTS_SQL = `
  select session_user::text as login, coalesce(array_agg(setting) filter (where setting is not null), '{}') as found
  from (select 1) as always
  left join (
    pg_db_role_setting stored join pg_database on datname = current_database() cross join unnest(setconfig) as setting
  ) on setrole = session_user::regrole and setdatabase in (0, pg_database.oid)`;

/** Somebody, most likely through injected SQL, has changed what every new connection of a login starts with. */
export class ChangedDefaultsError extends Error {
  constructor(login: string, differences: readonly string[]) {
    super(
      `Login ${login} has other defaults than it was given (${differences.join(', ')}): run npm run db:roles`,
    );
  }
}

/**
 * A login may always change its own defaults (ALTER ROLE … SET), and PostgreSQL has no way to forbid it. What one
 * injected statement writes there would be the setting of every later connection, whosever market it serves; no
 * reset of a connection takes it back. So a new connection is used only when the defaults are the declared ones.
 * @throws ChangedDefaultsError
 */
export async function requireOwnDefaults(client: ClientBase): Promise<void> {
  const { login, differences } = await changedDefaults(client);
  if (differences.length > 0) throw new ChangedDefaultsError(login, differences);
}

/** What the connection's login starts with beside or without what it was given; nothing for logins of others. */
export async function changedDefaults(client: ClientBase): Promise<{ login: string; differences: string[] }> {
  const { rows } = await client.query<{ login: string; found: string[] }>(DEFAULTS_SQL);
  const { login, found } = rows[0]!;
  if (!(login in logins)) return { login, differences: [] };
  const stored = found.map((setting) => setting.replace(/^[^=]*/, (name) => name.toLowerCase()));
  const declared = Object.entries(loginSettings(login as Login)).map(([name, value]) => `${name}=${value}`);
  const differences = [
    ...stored.filter((setting) => !declared.includes(setting)).map((setting) => `has ${setting}`),
    ...declared.filter((setting) => !stored.includes(setting)).map((setting) => `lacks ${setting}`),
  ];
  return { login, differences };
}
