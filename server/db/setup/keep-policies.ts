import type pg from 'pg';
import type { Login } from './roles.ts';

/**
 * `DROP OWNED BY current_user` is open to every login, and takes each policy away that names it: one injected
 * statement would leave all markets of a portal without a row. No privilege forbids it; an event trigger does. Its
 * function lies in a schema of the superuser's, because it runs in whoever's session uses these commands.
 * @returns what stays open, one line each, where the login is no superuser.
 */
export async function keepPolicies(client: pg.Client, logins: readonly Login[]): Promise<string[]> {
  const { rows } = await client.query('select rolsuper from pg_roles where rolname = current_user');
  if (!rows[0].rolsuper) return withoutSuperuser(client);
  const names = logins.map((login) => client.escapeLiteral(login)).join(', ');
  await client.query(`
    create schema if not exists guard;
    revoke all on schema guard from public;
    create or replace function guard.keep_policies() returns event_trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
      if session_user in (${names}) then
        raise exception '% is not for a portal''s login', tg_tag using errcode = 'insufficient_privilege';
      end if;
    end $$;
    revoke all on function guard.keep_policies() from public;
    drop event trigger if exists bulkhead_keep_policies;
    create event trigger bulkhead_keep_policies on ddl_command_start
      when tag in ('DROP OWNED', 'ALTER DEFAULT PRIVILEGES')
      execute function guard.keep_policies()`);
  return [];
}

async function withoutSuperuser(client: pg.Client): Promise<string[]> {
  const { rowCount } = await client.query(
    `select from pg_event_trigger where evtname = 'bulkhead_keep_policies' and evtenabled in ('O', 'A')`,
  );
  if (rowCount) return [];
  return ['every login can take its own policies away (DROP OWNED): only a superuser can forbid it'];
}
