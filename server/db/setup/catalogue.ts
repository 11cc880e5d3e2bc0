import type pg from 'pg';

/**
 * Functions that every login may call by default and that show or touch other sessions, whichever market they
 * serve: their queries, addresses, locks and prepared transactions; large objects, which have no row-level
 * security; messages written into the log stream.
 */
const closed = [
  'pg_stat_get_activity',
  'pg_stat_get_backend_%',
  'pg_stat_get_progress_info',
  'pg_stat_get_wal_senders',
  'pg_terminate_backend',
  'pg_cancel_backend',
  'pg_lock_status',
  'pg_prepared_xact',
  'pg_logical_emit_message',
  'lo_%',
  'loread',
  'lowrite',
];

/** Revokes them from PUBLIC in this database. Only their owner, a superuser, can: otherwise says what stays open. */
export async function closeCatalogue(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    `select p.oid::regprocedure::text as signature from pg_proc p
     where p.pronamespace = 'pg_catalog'::regnamespace and p.proname like any($1)
       and has_function_privilege('public', p.oid, 'execute')`,
    [closed.map((name) => name.replaceAll('_', '\\_'))],
  );
  const open = rows.map(({ signature }) => signature as string);
  if (open.length === 0) return [];
  const { rows: me } = await client.query('select rolsuper from pg_roles where rolname = current_user');
  if (!me[0].rolsuper) return [`only a superuser can revoke from PUBLIC, so it stays: ${open.join(', ')}`];
  await client.query(`revoke execute on function ${open.join(', ')} from public`);
  return [];
}
