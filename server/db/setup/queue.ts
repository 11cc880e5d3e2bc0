import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { withClient, withUrl } from './connect.ts';

const schema = 'graphile_worker';
const owner = 'bulkhead_partner_gate';

/**
 * Makes or updates the job queue's schema. It belongs to the gate's login alone, so the login that requests run
 * under can neither read a job nor place one, whatever is injected into it. Safe to repeat; needs the roles, and
 * a login that may become the gate's: a superuser, or one with CREATEROLE.
 */
export async function ensureQueue(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await mayBecomeOwner(client);
    await client.query(`create schema if not exists ${schema} authorization ${owner}`);
    await client.query(`set role ${owner}`);
    // The queue's own installer begins by creating the schema, which its owner may not; with this table there it doesn't.
    await client.query(`create table if not exists ${schema}.migrations (
      id int primary key, ts timestamptz not null default now(), breaking boolean not null default false)`);
  });
  const pool = new pg.Pool({ connectionString: withUrl(url, { role: owner }), max: 1 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool, schema, noPreparedStatements: true });
  } finally {
    await pool.end();
  }
}

async function mayBecomeOwner(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `select rolsuper as superuser, current_setting('server_version_num')::int as version
     from pg_roles where rolname = current_user`,
  );
  if (rows[0].superuser) return;
  const options = rows[0].version >= 160_000 ? 'with inherit false, set true' : '';
  await client.query(`grant ${owner} to current_user ${options}`);
}
