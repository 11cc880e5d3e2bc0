import type { Client } from 'pg';
import { type Finding, finding } from '../../db/guard/check.ts';
import { type Login, loginNames, loginSettings } from '../../db/setup/roles.ts';

const SQL = `
  select rolname as login, coalesce(array_agg(setting) filter (where setting is not null), '{}') as found
  from pg_roles left join (
    pg_db_role_setting cross join unnest(setconfig) as setting
  ) on setrole = pg_roles.oid and setdatabase in (0, (select oid from pg_database where datname = current_database()))
  where rolname = any($1) group by rolname`;

/** What every connection of each login starts with is what it was given. */
export async function askAllDefaults(client: Client): Promise<Finding[]> {
  const { rows } = await client.query<{ login: Login; found: string[] }>(SQL, [loginNames]);
  return rows.flatMap(({ login, found }) => {
    const stored = found.map((setting) => setting.replace(/^[^=]*/, (name) => name.toLowerCase()));
    const declared = Object.entries(loginSettings(login)).map(([name, value]) => `${name}=${value}`);
    const differences = [
      ...stored.filter((setting) => !declared.includes(setting)).map((setting) => `has ${setting}`),
      ...declared.filter((setting) => !stored.includes(setting)).map((setting) => `lacks ${setting}`),
    ];
    return differences.map((text) =>
      finding('BH-ROL-007', `default of ${login}: ${text}`, 'npm run db:roles'),
    );
  });
}
