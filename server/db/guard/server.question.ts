import { signContext } from '../../market/context.ts';
import type { Scope } from '../../market/scope.ts';
import { type Check, type Questioned, rows } from './check.ts';

/**
 * The oldest minor of each major that keeps row-level security's promises: CVE-2024-10976 (policies of another
 * role applied from a cached plan) and CVE-2025-8713 (statistics that show hidden rows).
 */
const OLDEST_MINOR: Readonly<Record<number, number>> = { 15: 14, 16: 10, 17: 6 };

export async function askVersion({ client }: Questioned): Promise<Check> {
  const [row] = await rows<{ version: number }>(
    client,
    `select current_setting('server_version_num')::int as version`,
  );
  const major = Math.floor((row?.version ?? 0) / 10_000);
  const minor = (row?.version ?? 0) % 10_000;
  const findings: string[] = [];
  if (major < 15) findings.push(`PostgreSQL ${major} is too old: 15 or later is needed`);
  else if (minor < (OLDEST_MINOR[major] ?? 0)) {
    findings.push(
      `PostgreSQL ${major}.${minor} leaks hidden rows: update it to ${major}.${OLDEST_MINOR[major]} or later`,
    );
  }
  return { name: 'server version', findings };
}

const PROBE = '00000000-0000-7000-8000-000000000001';

function probeScope(surface: 'admin' | 'partner'): Scope {
  const kind = surface === 'admin' ? 'staff' : 'person';
  const role = surface === 'admin' ? 'support' : 'none';
  return { surface, marketId: null, actor: { kind, id: PROBE, role, name: '' }, receipt: 'boot' };
}

/** The process's signing key is the one that the database knows for this surface, and no context means no claims. */
export async function askContext({ client, subject }: Questioned): Promise<Check> {
  const pid = (client as unknown as { processID: number }).processID;
  const signed = signContext(probeScope(subject.surface), subject.contextKey, pid);
  const ask = async (context: string) => {
    await client.query(`select set_config('app.context', $1, false)`, [context]);
    const [row] = await rows<{ actor: string | null; staff: boolean }>(
      client,
      'select app.actor_id()::text as actor, app.is_staff() as staff',
    );
    return row;
  };
  const findings: string[] = [];
  const forged = await ask(signed.replace(PROBE, PROBE.replace('1', '2')));
  if (forged?.actor) findings.push('the database accepts a context that was altered after signing');
  const own = await ask(signed);
  if (own?.actor !== PROBE || own.staff !== (subject.surface === 'admin')) {
    findings.push(
      `CONTEXT_KEYS: the database does not know key "${subject.contextKey.kid}" for surface ${subject.surface}; run npm run db:roles`,
    );
  }
  const none = await ask('');
  if (none?.actor || none?.staff) findings.push('the database sees an actor without any context');
  return { name: 'signed context', findings };
}

const FUNCTION_SQL = `
  select proname as name from pg_proc
  where oid in (
    'app.claims()'::regprocedure, 'app.market_id()'::regprocedure, 'app.actor_id()'::regprocedure,
    'app.market_id_as(text)'::regprocedure, 'app.is_staff()'::regprocedure, 'app.is_operator()'::regprocedure)
  and (proowner <> 'bulkhead_context'::regrole or provolatile <> 's'
    or (proname = 'claims' and (not prosecdef or proconfig is distinct from array['search_path=pg_catalog, pg_temp'])))
  union all
  select 'bulkhead_context may log in or has powers' from pg_roles
  where rolname in ('bulkhead_context', 'bulkhead_owner')
    and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole)`;

/** The functions that every policy asks are the declared ones, owned by a role that nobody can be. */
export async function askFunctions({ client }: Questioned): Promise<Check> {
  const wrong = await rows<{ name: string }>(client, FUNCTION_SQL);
  return {
    name: 'context functions',
    findings: wrong.map((row) => `app.${row.name} is not as the migrations made it`),
  };
}
