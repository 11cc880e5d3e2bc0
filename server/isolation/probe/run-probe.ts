import { access, type Role } from '../../db/access/declaration.ts';
import { type Finding, finding } from '../../db/guard/check.ts';
import { asRole, type RoleAccess, type RoleAccesses, type RoleClient } from '../role-clients.ts';
import { type Attack, attacksOn, VERBS, type Verb } from './attacks.ts';
import { ATTACKING_ROLES, type AttackingRole, liesOf, scopeFor } from './lies.ts';
import type { ProbeTargets } from './probe.input.ts';
import { quoted, readShapes, type Shape } from './shapes.ts';

/** What came of it: `empty` no row, a five-letter code of the refusal, `untried`, or `BREACH …`. */
export type Outcome = string;

export interface ProbeReport {
  readonly durationMs: number;
  readonly attacks: number;
  readonly breaches: number;
  readonly milliseconds: Readonly<Record<string, number>>;
  /** Table → role → verb → outcome. */
  readonly cells: Readonly<Record<string, Record<string, Partial<Record<Verb, Outcome>>>>>;
  /** Table → rows that there were to be had, of the foreign market. */
  readonly stakes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

type Cells = Record<string, Record<string, Partial<Record<Verb, Outcome>>>>;

/** No round may take longer, whatever the database does. */
const DEADLINE_MS = 20_000;
/** A refusal: by grant or policy, by our own triggers, by a reference that is not there. */
const REFUSAL = /^(42501|BH\d\d\d)$/;
const CONSTRAINT = /^23\d\d\d$/;
const REFERENCE_REFUSAL = /^(42501|BH\d\d\d|23\d\d\d)$/;

/**
 * Attacks every table of markets as each role, for real, in transactions that end undone. Safe on a live installation:
 * nothing stays, statements and the whole are bounded in time, and what is locked is at most one's own row.
 */
export async function runProbe(accesses: RoleAccesses, targets: ProbeTargets): Promise<ProbeReport> {
  const begun = performance.now();
  const round: Round = { targets, cells: {}, findings: [], attacks: 0, end: Date.now() + DEADLINE_MS };
  const milliseconds: Record<string, number> = {};
  for (const role of ATTACKING_ROLES) {
    const roleAccess = accesses[role];
    if (!roleAccess) continue;
    const from = performance.now();
    await attackAs(role, roleAccess, round).catch((error: Error) => {
      round.findings.push(finding('BH-PRB-011', `${role}: ${error.message}`));
    });
    milliseconds[role] = Math.round(performance.now() - from);
  }
  const stakes = Object.fromEntries(
    Object.entries(targets.tables).map(([table, { foreign }]) => [table, foreign]),
  );
  const { cells, findings, attacks } = round;
  const breaches = findings.length;
  return {
    durationMs: Math.round(performance.now() - begun),
    attacks,
    breaches,
    milliseconds,
    cells,
    stakes,
    findings,
  };
}

interface Round {
  readonly targets: ProbeTargets;
  readonly cells: Cells;
  readonly findings: Finding[];
  attacks: number;
  readonly end: number;
}

async function attackAs(role: AttackingRole, roleAccess: RoleAccess, round: Round): Promise<void> {
  await asRole(roleAccess, scopeFor(role, round.targets.own), async (client) => {
    await client.query('savepoint probe');
    const shapes = await readShapes(client);
    for (const shape of shapes) {
      if (Date.now() > round.end) throw new Error('the round took too long and was given up');
      for (const attack of attacksOn({ shape, role, targets: round.targets })) {
        note(round, { table: shape.table, role, verb: attack.verb, outcome: await tryOne(client, attack) });
      }
    }
    const readable = shapes.filter(({ table }) => access[table]?.roles[role as Role]?.select);
    await lie(client, { role, roleAccess, round, readable });
    await replan(client, { role, round, readable });
  });
}

interface Noted {
  readonly table: string;
  readonly role: AttackingRole;
  readonly verb: Verb;
  readonly outcome: Outcome;
}

function note(round: Round, { table, role, verb, outcome }: Noted): void {
  round.attacks += 1;
  round.cells[table] ??= {};
  const roles = round.cells[table];
  roles[role] ??= {};
  const row = roles[role];
  // Of several statements of one verb the gravest stands.
  if (!row[verb]?.startsWith('BREACH')) row[verb] = outcome;
  if (!outcome.startsWith('BREACH')) return;
  round.findings.push(finding(VERBS[verb], `${role} on ${table}: ${verb} got through (${outcome.slice(7)})`));
}

async function tryOne(client: RoleClient, { verb, sql, refused }: Attack): Promise<Outcome> {
  try {
    const { affected } = await client.attempt(sql);
    if (affected > 0) return `BREACH ${affected} rows`;
    return refused ? 'BREACH the statement was let through' : 'empty';
  } catch (error) {
    const code = String((error as { code?: unknown }).code ?? 'unknown');
    const isRefusal = (verb === 'reference' ? REFERENCE_REFUSAL : REFUSAL).test(code);
    // A constraint is asked about a row that the policies have let through.
    const isPast = refused || CONSTRAINT.test(code);
    return isRefusal || !isPast ? code : `BREACH past the policy, then ${code}`;
  } finally {
    await client.query('rollback to savepoint probe');
  }
}

interface Reading {
  readonly role: AttackingRole;
  readonly roleAccess: RoleAccess;
  readonly round: Round;
  readonly readable: readonly Shape[];
}

/** What a context that counts for nothing shows, in all tables. */
async function lie(client: RoleClient, { role, roleAccess, round, readable }: Reading): Promise<void> {
  const { own, foreign } = round.targets;
  const tables = readable.map(({ table }) => table);
  for (const { verb, name, text } of liesOf(role, own, foreign, roleAccess.key, client.pid)) {
    const seen = await look(client, text, tables);
    if (await isStaff(client, text)) {
      round.findings.push(finding('BH-CTX-005', `${role}: a context that is ${name} counts as staff`));
    }
    for (const table of tables) {
      note(round, { table, role, verb, outcome: seen.has(table) ? `BREACH ${name}` : 'empty' });
    }
  }
}

async function isStaff(client: RoleClient, context: string): Promise<boolean> {
  await client.become(context);
  const [row] = await client.query<{ staff: boolean }>('select app.is_staff() or app.is_operator() as staff');
  await client.query('rollback to savepoint probe');
  return row?.staff === true;
}

/** Which tables show a row: asked at once, and one by one where that is refused. */
async function look(client: RoleClient, context: string, tables: readonly string[]): Promise<Set<string>> {
  const some = (table: string) =>
    `select '${table}' as found from (select from ${quoted(table)} limit 1) as sample`;
  const ask = async (sql: string): Promise<string[]> => {
    try {
      await client.become(context);
      return (await client.query<{ found: string }>(sql)).map(({ found }) => found);
    } finally {
      await client.query('rollback to savepoint probe');
    }
  };
  if (tables.length === 0) return new Set();
  try {
    return new Set(await ask(tables.map(some).join(' union all ')));
  } catch {
    const each: string[] = [];
    for (const table of tables) each.push(...(await ask(some(table)).catch(nothingIfRefused)));
    return new Set(each);
  }
}

/** What may not be read at all shows nothing; any other failure is no answer. */
function nothingIfRefused(error: unknown): string[] {
  if ((error as { code?: unknown }).code === '42501') return [];
  throw error;
}

/** One prepared statement, run as one market and then as the other and as nobody: a kept plan must keep no market. */
async function replan(
  client: RoleClient,
  { role, round, readable }: Omit<Reading, 'roleAccess'>,
): Promise<void> {
  const { own, foreign } = round.targets;
  for (const { table, key } of readable) {
    const outcome = await planned(
      client,
      `select ${key}::text as market from ${quoted(table)} group by 1 limit 3`,
      [
        [scopeFor(role, own), own.id],
        [scopeFor(role, foreign), foreign.id],
        ['', 'nobody'],
      ],
    );
    note(round, { table, role, verb: 'plan', outcome });
  }
}

async function planned(
  client: RoleClient,
  sql: string,
  turns: readonly (readonly [context: Parameters<RoleClient['become']>[0], market: string])[],
): Promise<Outcome> {
  try {
    await client.query(`prepare isolation_plan as ${sql}`);
    for (const [context, market] of turns) {
      await client.become(context);
      const rows = await client.query<{ market: string }>('execute isolation_plan');
      if (rows.some((row) => row.market !== market)) return `BREACH rows of another than ${market}`;
    }
    return 'empty';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? 'unknown');
  } finally {
    await client.query('rollback to savepoint probe');
    await client.query('deallocate all');
  }
}
