import pg from 'pg';
import { access } from '../../../server/db/access/declaration.ts';
import { evaluate, type KnownRow } from '../../../server/isolation/why/evaluate.ts';
import { newRow } from '../../../server/isolation/why/new-row.ts';
import { readFacts, type TableFacts, VERBS, type Verb } from '../../../server/isolation/why/table-facts.ts';
import { quoted, type TableShape } from '../fixture/tables.ts';
import { DENIED } from './cells.ts';
import type { ContextCase } from './contexts.ts';
import type { Known, Spare } from './world.ts';

interface Row {
  readonly row: KnownRow;
  readonly key: Readonly<Record<string, string>>;
}

/** PostgreSQL says so before it asks whether one may. */
const READ_ONLY = 'error 25006';
const SAID = { allowed: 'affected 1', refused: DENIED, hidden: 'hidden' } as const;

/** Says in the policy table's own words what the explanation expects of each cell. */
export class Explainer {
  private readonly facts = new Map<string, TableFacts>();
  private constructor(readonly client: pg.Client) {}

  static async open(superuserUrl: string): Promise<Explainer> {
    const client = new pg.Client(superuserUrl);
    await client.connect();
    return new Explainer(client);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  /** `table verb` → what the database should answer to the cell's statement, if the explanation is right. */
  async explain(
    role: string,
    context: ContextCase,
    known: Known,
    changed = '',
  ): Promise<Map<string, string>> {
    const { client } = this;
    const said = new Map<string, string>();
    await client.query('begin');
    try {
      if (changed || context.arranged) await client.query(`${changed};${context.arranged ?? ''}`);
      const tables = known.tables.filter(({ name }) => name in access);
      const rows = new Map<string, Row[]>();
      for (const table of tables) rows.set(table.name, await this.rowsOf(table));
      const pid = (client as unknown as { processID: number }).processID;
      await client.query(`select set_config('app.context', $1, true)`, [context.text(pid)]);
      if (context.readOnly) await client.query('set local transaction_read_only = on');
      await client.query(`set local role ${role}`);
      for (const { name } of tables) {
        const facts = await this.factsOf(role, name, changed);
        for (const verb of VERBS) {
          if (verb === 'insert') continue;
          const found = await this.answer(facts, verb, rows.get(name)!);
          said.set(`${name} ${verb}`, context.readOnly && verb !== 'select' ? READ_ONLY : found);
        }
        const spares = known.spares.filter(({ table }) => table === name);
        const found = await this.answerInserts(facts, spares, rows.get(name)!);
        for (const [at, { key }] of spares.entries())
          said.set(`${name} insert ${key}`, context.readOnly ? READ_ONLY : found[at]!);
      }
    } finally {
      await client.query('rollback');
    }
    return said;
  }

  private async answer(facts: TableFacts, verb: Verb, rows: readonly Row[]): Promise<string> {
    if (!facts.granted[verb]) return DENIED;
    const verdicts = await evaluate(
      this.asRole,
      facts,
      verb,
      rows.map(({ row }) => row),
    );
    if (verdicts.some(({ decision }) => decision === 'hidden')) return 'hidden';
    const allowed = rows.filter((_, at) => verdicts[at]!.decision === 'allowed');
    if (verb !== 'select') return `affected ${allowed.length}`;
    const readable = facts.primaryKey.filter((name) => facts.readable.includes(name));
    const keys = allowed.map(({ key }) => readable.map((name) => key[name]).join(':'));
    return `rows ${keys.sort().join(' ')}`;
  }

  /** Of each spare row, put in anew. */
  private async answerInserts(
    facts: TableFacts,
    spares: readonly Spare[],
    rows: readonly Row[],
  ): Promise<string[]> {
    if (!facts.granted.insert) return spares.map(() => DENIED);
    const fresh: KnownRow[] = [];
    for (const { key } of spares) {
      const { row } = rows.find((each) => Object.values(each.key).join(':') === key)!;
      fresh.push(await newRow(this.asRole, facts, row));
    }
    const verdicts = await evaluate(this.asRole, facts, 'insert', fresh);
    return verdicts.map(({ decision }) => SAID[decision]);
  }

  private async rowsOf({ name, primaryKey }: TableShape): Promise<Row[]> {
    const key = primaryKey.map((column) => `'${column}', ${quoted(column)}::text`).join(', ');
    const { rows } = await this.client.query<Row>(
      `select to_jsonb(t) as row, json_build_object(${key}) as key from ${quoted(name)} as t`,
    );
    return rows;
  }

  private async factsOf(role: string, table: string, changed: string): Promise<TableFacts> {
    const name = `${role} ${table} ${changed}`;
    const facts = this.facts.get(name) ?? (await readFacts(this.asRole, table))!;
    this.facts.set(name, facts);
    return facts;
  }

  private readonly asRole = {
    query: async <Row extends object>(text: string, values?: unknown[]) =>
      (await this.client.query<Row>(text, values)).rows,
    attempt: async (text: string) => ({ affected: (await this.client.query(text)).rowCount ?? 0 }),
  };
}
