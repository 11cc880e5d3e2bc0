import pg from 'pg';
import type { TableShape } from '../fixture/tables.ts';
import type { FixtureRow } from '../two-markets.ts';
import { type Cell, insertingCells, readingCells } from './cells.ts';
import type { ContextCase } from './contexts.ts';
import { NOBODY, OWNER } from './expectation.ts';
import { type Known, readWorld } from './world.ts';

export const ROLES = [
  OWNER,
  'bulkhead_context',
  'bulkhead_statistics',
  'bulkhead_admin',
  'bulkhead_partner',
  'bulkhead_public',
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
        const asked = { role, context, fixture: options.fixture };
        answers.push(...(await askReading(client, known, asked)));
        answers.push(...(await askInserting(client, known, asked)));
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

interface Asked {
  readonly role: string;
  readonly context: ContextCase;
  readonly fixture: readonly FixtureRow[];
}

/** Begins the transaction, with what this context finds arranged in it. */
async function begin(client: pg.Client, known: Known, { context, fixture }: Asked): Promise<Known> {
  await client.query('begin');
  if (!context.arranged) return known;
  await client.query(context.arranged);
  return readWorld(client, fixture);
}

/** No right to a partition depends on a context: one of each kind is asked about all, the others about this month's. */
export const ALL_PARTITIONS: readonly string[] = [
  'none',
  'amber owner',
  'operator',
  'amber key',
  'amber shopper',
  'amber job',
];
const thisMonth = `offer_event_${new Date().toISOString().slice(0, 7).replace('-', '_')}`;

const partitionsFor =
  ({ name: context }: ContextCase) =>
  ({ name }: TableShape): boolean =>
    name === thisMonth || ALL_PARTITIONS.includes(context);

async function askReading(client: pg.Client, before: Known, asked: Asked): Promise<Answer[]> {
  const known = await begin(client, before, asked);
  const { role, context } = asked;
  // References are not the question here, and would hide from a DELETE what the policies let through; triggers would
  // refuse an UPDATE before them.
  await client.query(`set local session_replication_role = replica`);
  const maker = { ...known, partitions: known.partitions.filter(partitionsFor(context)) };
  return ask(client, role, context, readingCells(maker, role, context.scope));
}

async function askInserting(client: pg.Client, before: Known, asked: Asked): Promise<Answer[]> {
  const known = await begin(client, before, asked);
  const { role, context } = asked;
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
