import type pg from 'pg';
import { quoted, type TableShape } from '../fixture/tables.ts';
import type { FixtureRow } from '../two-markets.ts';
import { Asker } from './asker.ts';
import { type Cell, type CellMaker, insertingCells, literal, readingCells } from './cells.ts';
import type { ContextCase } from './contexts.ts';
import { NOBODY, OWNER } from './expectation.ts';
import { type Known, readWorld, type Spare } from './world.ts';

export const ROLES = [
  OWNER,
  'bulkhead_context',
  'bulkhead_statistics',
  'bulkhead_messenger',
  'bulkhead_decoy',
  'bulkhead_chain',
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
  /** What the superuser changes first, to be undone like everything else. */
  readonly changed?: string;
}

/** Puts questions to one database, any number of times. */
export interface Checker {
  /** Real statements, all of them within transactions that are rolled back. */
  fill(options: PolicyTableOptions): Promise<PolicyTable>;
  close(): Promise<void>;
}

export async function openChecker(superuserUrl: string, fixture: readonly FixtureRow[]): Promise<Checker> {
  const asker = await Asker.open(superuserUrl);
  await ensureNobody(asker.inserting);
  const known = await readWorld(asker.inserting, fixture);
  return {
    fill: async ({ roles = ROLES, contexts, changed = '' }) => {
      const answers: Answer[] = [];
      for (const role of roles)
        for (const together of transactionsOf(contexts)) {
          const asked = { asker, role, contexts: together, changed, fixture };
          answers.push(...(await askReading(known, asked)), ...(await askInserting(known, asked)));
        }
      const breaches = answers.filter(({ found, expected }) => found !== expected).map(told);
      return { ...known, answers, breaches };
    },
    close: () => asker.close(),
  };
}

/** Fills in the whole table, once. */
export async function fillPolicyTable(
  superuserUrl: string,
  options: PolicyTableOptions & { readonly fixture: readonly FixtureRow[] },
): Promise<PolicyTable> {
  const checker = await openChecker(superuserUrl, options.fixture);
  try {
    return await checker.fill(options);
  } finally {
    await checker.close();
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

/** What finds nothing arranged for it shares a transaction: each is undone before the next one. */
function transactionsOf(contexts: readonly ContextCase[]): ContextCase[][] {
  const plain = contexts.filter(({ arranged }) => !arranged);
  const alone = contexts.filter(({ arranged }) => arranged).map((context) => [context]);
  return plain.length > 0 ? [plain, ...alone] : alone;
}

interface Asked {
  readonly asker: Asker;
  readonly role: string;
  /** Of one transaction. */
  readonly contexts: readonly ContextCase[];
  readonly fixture: readonly FixtureRow[];
  readonly changed: string;
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

function askReading(before: Known, asked: Asked): Promise<Answer[]> {
  const makerOf = (known: Known, context: ContextCase): CellMaker => ({
    ...known,
    partitions: known.partitions.filter(partitionsFor(context)),
  });
  const cellsOf = (known: Known, context: ContextCase) =>
    readingCells(makerOf(known, context), asked.role, context.scope);
  return ask(asked.asker.reading, before, asked, cellsOf);
}

function askInserting(before: Known, asked: Asked): Promise<Answer[]> {
  const cellsOf = (known: Known, context: ContextCase) =>
    insertingCells(known, asked.role, context.scope, known.spares);
  return ask(asked.asker.inserting, before, asked, cellsOf, removal);
}

/** PostgreSQL says so before it asks whether one may; but not before one may enter the schema. */
const withoutWrites = (cell: Cell): Cell =>
  cell.command === 'select' || cell.table.includes('.') ? cell : { ...cell, expected: 'error 25006' };

/** Takes the spare rows out, so that they can be written anew. */
const removal = ({ spares, tables }: Known): string =>
  spares
    .toReversed()
    .map(({ table, values }: Spare) => {
      const { primaryKey } = tables.find(({ name }) => name === table)!;
      const key = primaryKey.map((name) => `${quoted(name)}::text = ${literal(values[name] ?? null)}`);
      return `delete from ${quoted(table)} where ${key.join(' and ')};`;
    })
    .join('\n');

/** One transaction, which ends undone: what its contexts find in it, then each one's cells. */
async function ask(
  client: pg.Client,
  before: Known,
  { asker, role, contexts, fixture, changed }: Asked,
  cellsOf: (known: Known, context: ContextCase) => Cell[],
  preparation: (known: Known) => string = () => '',
): Promise<Answer[]> {
  const arranged = contexts[0]?.arranged;
  if (!arranged)
    await asker.learn(
      client,
      contexts.map((context) => cellsOf(before, context)),
    );
  await client.query('begin');
  await client.query(changed);
  if (arranged) await asker.arrange(client, arranged);
  const known = arranged ? await readWorld(client, fixture) : before;
  await client.query(preparation(known));
  const answers: Answer[] = [];
  for (const context of contexts) {
    const cells = cellsOf(known, context).map(context.readOnly ? withoutWrites : (cell) => cell);
    const found = await asker.ask(client, role, context, cells);
    answers.push(
      ...cells.map((cell, index) => ({ ...cell, role, context: context.name, found: found[index]! })),
    );
  }
  await client.query('rollback');
  return answers;
}
