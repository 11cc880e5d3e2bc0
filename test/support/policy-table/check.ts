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
  'bulkhead_messenger',
  'bulkhead_limits',
  'bulkhead_sync',
  'bulkhead_admin',
  'bulkhead_partner',
  'bulkhead_public',
  'bulkhead_device',
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
  'amber till',
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

/** Asks in the open transaction and ends it. Each cell is undone before the next one, error or not. */
async function ask(
  client: pg.Client,
  role: string,
  context: ContextCase,
  cells: readonly Cell[],
): Promise<Answer[]> {
  const pid = (client as unknown as { processID: number }).processID;
  await client.query(`select set_config('app.context', $1, true)`, [context.text(pid)]);
  await client.query(`select set_config('policy_table.cells', $1, true)`, [
    JSON.stringify(cells.map(({ sql }) => sql)),
  ]);
  await client.query(`set local role ${role}`);
  const { rows } = (
    (await client.query(
      `${ASK_SQL}; select current_setting('policy_table.found') as found`,
    )) as unknown as pg.QueryResult<{ found: string }>[]
  )[1]!;
  await client.query('rollback');
  const found = JSON.parse(rows[0]!.found) as string[];
  return cells.map((cell, index) => ({ ...cell, role, context: context.name, found: found[index]! }));
}

// Statement by statement within the server, under the role's own rights: there are a hundred thousand of them.
const ASK_SQL = `
  do $do$
  declare
    cell text;
    found text;
    answers text[] := '{}';
    number bigint;
  begin
    for cell in select value from json_array_elements_text(current_setting('policy_table.cells')::json) loop
      begin
        if cell like 'select %' then
          execute format('select coalesce(string_agg(x, '' '' order by x collate "C"), '''') from (%s) as seen(x)', cell) into found;
          found := 'rows ' || found;
        else
          execute cell;
          get diagnostics number = row_count;
          found := 'affected ' || number;
        end if;
        -- What it did is undone; what was found stays.
        raise exception using errcode = 'ZZ999';
      exception
        when sqlstate 'ZZ999' then null;
        when others then found := 'error ' || sqlstate;
      end;
      answers := answers || found;
    end loop;
    perform set_config('policy_table.found', to_json(answers)::text, true);
  end $do$`;
