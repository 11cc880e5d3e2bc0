import pg from 'pg';
import type { FixtureRow } from '../two-markets.ts';
import { type Cell, insertingCells, readingCells } from './cells.ts';
import type { ContextCase } from './contexts.ts';
import { NOBODY, OWNER } from './expectation.ts';
import { type Known, readWorld } from './world.ts';

export const ROLES = [
  OWNER,
  'bulkhead_context',
  'bulkhead_admin',
  'bulkhead_partner',
  'bulkhead_admin_gate',
  'bulkhead_partner_gate',
  NOBODY,
] as const;

/** A cell with what the database answered. */
export interface Answer extends Cell {
  readonly role: string;
  readonly context: string;
  readonly found: string;
}

export interface PolicyTable extends Known {
  readonly answers: Answer[];
  /** The cells that came out otherwise than declared. */
  readonly breaches: string[];
}

export interface PolicyTableOptions {
  readonly roles?: readonly string[];
  readonly contexts: readonly ContextCase[];
  readonly fixture: readonly FixtureRow[];
}

/** Fills in the whole table with real statements. Everything happens in transactions that are rolled back. */
export async function fillPolicyTable(
  superuserUrl: string,
  options: PolicyTableOptions,
): Promise<PolicyTable> {
  const client = new pg.Client(superuserUrl);
  await client.connect();
  try {
    await ensureNobody(client);
    const known = await readWorld(client, options.fixture);
    const answers: Answer[] = [];
    for (const role of options.roles ?? ROLES) {
      for (const context of options.contexts) {
        answers.push(...(await askReading(client, known, role, context)));
        answers.push(...(await askInserting(client, known, role, context)));
      }
    }
    return {
      ...known,
      answers,
      breaches: answers.filter(({ found, expected }) => found !== expected).map(told),
    };
  } finally {
    await client.end();
  }
}

const told = ({ role, context, command, table, about, expected, found }: Answer): string =>
  `${role}, ${context}: ${command} ${table} (${about}) gave "${found}", declared is "${expected}"`;

/** Somebody with no rights but PUBLIC's. May enter the schema, so that what refuses them is the table itself. */
async function ensureNobody(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [NOBODY]);
  if (rowCount === 0) await client.query(`create role ${NOBODY} nologin noinherit`);
  await client.query(`grant usage on schema public to ${NOBODY}`);
}

async function askReading(
  client: pg.Client,
  known: Known,
  role: string,
  context: ContextCase,
): Promise<Answer[]> {
  await client.query('begin');
  // References are not the question here, and would hide from a DELETE what the policies let through.
  await client.query(`set local session_replication_role = replica`);
  return ask(client, role, context, readingCells(known, role, context.scope));
}

async function askInserting(
  client: pg.Client,
  known: Known,
  role: string,
  context: ContextCase,
): Promise<Answer[]> {
  await client.query('begin');
  for (const spare of known.spares.toReversed()) {
    const { primaryKey } = known.tables.find(({ name }) => name === spare.table)!;
    const condition = primaryKey.map((name, index) => `"${name}"::text = $${index + 1}`).join(' and ');
    await client.query(
      `delete from "${spare.table}" where ${condition}`,
      primaryKey.map((name) => spare.values[name]),
    );
  }
  return ask(client, role, context, insertingCells(known, role, context.scope, known.spares));
}

/** Asks in the open transaction and ends it. Each cell undoes the one before it, error or not. */
async function ask(
  client: pg.Client,
  role: string,
  context: ContextCase,
  cells: readonly Cell[],
): Promise<Answer[]> {
  const pid = (client as unknown as { processID: number }).processID;
  await client.query(`select set_config('app.context', $1, true)`, [context.text(pid)]);
  await client.query(`set local role ${role}; savepoint cell`);
  const answers: Answer[] = [];
  for (const cell of cells) {
    const found = await answerTo(client, `rollback to savepoint cell; ${cell.sql}`);
    answers.push({ ...cell, role, context: context.name, found });
  }
  await client.query('rollback');
  return answers;
}

async function answerTo(client: pg.Client, sql: string): Promise<string> {
  try {
    const results = (await client.query(sql)) as unknown as pg.QueryResult[];
    const { command, rows, rowCount } = results[1]!;
    if (command !== 'SELECT') return `affected ${rowCount}`;
    return `rows ${rows
      .map((row) => row.key ?? `count ${row.count}`)
      .sort()
      .join(' ')}`;
  } catch (error) {
    return `error ${(error as { code?: string }).code ?? String(error)}`;
  }
}
