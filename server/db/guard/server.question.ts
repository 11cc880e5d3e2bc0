import { signContext } from '../../market/context.ts';
import type { Scope } from '../../market/scope.ts';
import { type AppFunction, appFunctions } from '../access/functions.ts';
import { type Check, type Finding, finding, type GuardSubject, type Questioned, rows } from './check.ts';
import type { RuleId } from './rules.ts';

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
  const findings: Finding[] = [];
  if (major < 15)
    findings.push(finding('BH-SRV-001', `PostgreSQL ${major} is too old: 15 or later is needed`));
  else if (minor < (OLDEST_MINOR[major] ?? 0)) {
    const text = `PostgreSQL ${major}.${minor} leaks hidden rows: update it to ${major}.${OLDEST_MINOR[major]} or later`;
    findings.push(finding('BH-SRV-001', text));
  }
  return { name: 'server version', findings };
}

const PROBE = '00000000-0000-7000-8000-000000000001';

function probeScope(surface: GuardSubject['surface']): Scope {
  const kind = surface === 'admin' ? 'staff' : surface === 'partner' ? 'person' : 'visitor';
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
  const findings: Finding[] = [];
  const forged = await ask(signed.replace(PROBE, PROBE.replace('1', '2')));
  if (forged?.actor) {
    findings.push(finding('BH-CTX-001', 'the database accepts a context that was altered after signing'));
  }
  const own = await ask(signed);
  if (own?.actor !== PROBE || own.staff !== (subject.surface === 'admin')) {
    const text = `CONTEXT_KEYS: the database does not know key "${subject.contextKey.kid}" for surface ${subject.surface}; run npm run db:roles`;
    findings.push(finding('BH-CTX-002', text, 'npm run db:roles'));
  }
  const none = await ask('');
  if (none?.actor || none?.staff) {
    findings.push(finding('BH-CTX-003', 'the database sees an actor without any context'));
  }
  return { name: 'signed context', findings };
}

const FUNCTION_SQL = `
  select p.oid::regprocedure::text as name, pg_get_userbyid(proowner) as owner, prosecdef as definer, provolatile as volatility,
    coalesce(array_to_string(proconfig, ','), '') as settings,
    array(select case a.grantee when 0 then 'PUBLIC' else pg_get_userbyid(a.grantee)::text end from aclexplode(coalesce(proacl, acldefault('f', proowner))) a
      where a.grantee <> proowner order by 1) as executors
  from pg_proc p where pronamespace = 'app'::regnamespace`;

const OWNERS_SQL = `
  select rolname as name from pg_roles
  where rolname in ('bulkhead_context', 'bulkhead_owner', 'bulkhead_statistics', 'bulkhead_limits', 'bulkhead_sync', 'bulkhead_messenger', 'bulkhead_chain', 'bulkhead_decoy')
    and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole)`;

/** A function of schema app as the catalogue has it. */
interface FunctionRow {
  name: string;
  owner: string;
  definer: boolean;
  volatility: string;
  settings: string;
  executors: string[];
}

/** The functions of schema app are the declared ones: owner, rights, search path and who may execute each. */
export async function askFunctions({ client }: Questioned): Promise<Check> {
  const findings = (await rows<{ name: string }>(client, OWNERS_SQL)).map(({ name }) =>
    finding(
      'BH-ROL-006',
      `${name} may log in or has powers`,
      `alter role ${name} nologin nosuperuser nobypassrls;`,
    ),
  );
  const missing = new Set(Object.keys(appFunctions));
  for (const row of await rows<FunctionRow>(client, FUNCTION_SQL)) {
    const declared = appFunctions[row.name];
    missing.delete(row.name);
    if (!declared) {
      const mend = `drop function ${row.name};`;
      findings.push(finding('BH-FUN-001', `function ${row.name} is declared nowhere`, mend));
    } else findings.push(...functionFindings(row, declared));
  }
  for (const name of missing) {
    findings.push(
      finding('BH-FUN-002', `function ${name} is missing; run npm run db:migrate`, 'npm run db:migrate'),
    );
  }
  return { name: 'context functions', findings };
}

const pathOf = (declared: AppFunction): string => (declared.path ? 'search_path=pg_catalog, pg_temp' : '');

const VOLATILITY = { i: 'immutable', s: 'stable', v: 'volatile' } as const;

/** In what a function differs from its declaration, each with the statement that takes it back. */
function functionFindings(row: FunctionRow, declared: AppFunction): Finding[] {
  const { name, owner, definer, volatility, settings } = row;
  const findings: Finding[] = [];
  const differs = (rule: RuleId, what: string, mend: string) =>
    findings.push(finding(rule, `function ${name} is not as the migrations made it: ${what}`, mend));
  const alter = `alter function ${name}`;
  if (owner !== declared.owner)
    differs('BH-FUN-003', `owned by ${owner}`, `${alter} owner to ${declared.owner};`);
  if (definer !== declared.definer) {
    const wanted = declared.definer ? 'definer' : 'invoker';
    differs(
      'BH-FUN-004',
      `it has the rights of its ${definer ? 'owner' : 'caller'}`,
      `${alter} security ${wanted};`,
    );
  }
  if (settings !== pathOf(declared)) {
    const mend = declared.path ? 'set search_path = pg_catalog, pg_temp' : 'reset all';
    differs('BH-FUN-005', `settings "${settings}"`, `${alter} ${mend};`);
  }
  if (volatility !== declared.volatility) {
    differs('BH-FUN-006', VOLATILITY[volatility as 'i'], `${alter} ${VOLATILITY[declared.volatility]};`);
  }
  for (const executor of row.executors.filter(
    (each) => !declared.executors.some((known) => known === each),
  )) {
    const mend = `revoke execute on function ${name} from ${executor};`;
    differs(executor === 'PUBLIC' ? 'BH-FUN-008' : 'BH-FUN-007', `${executor} may execute it`, mend);
  }
  for (const executor of declared.executors.filter((known) => !row.executors.includes(known))) {
    const mend = `grant execute on function ${name} to ${executor};`;
    differs('BH-FUN-007', `${executor} may not execute it`, mend);
  }
  return findings;
}
