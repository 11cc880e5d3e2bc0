import pg from 'pg';
import type { Cell } from './cells.ts';
import type { ContextCase } from './contexts.ts';

/**
 * Two superuser connections that put statements as other roles do. The statements stand in functions, so that each is
 * planned once and then asked under one context after the other: there are more than a hundred thousand answers.
 */
export class Asker {
  /**
   * References are not the question there, and would hide from a DELETE what the policies let through; triggers would
   * refuse an UPDATE before them. For the whole session, because changing it forgets all plans.
   */
  readonly reading: pg.Client;
  readonly inserting: pg.Client;
  /** Of each connection: statements → the function that holds them. */
  private readonly functions = new Map<pg.Client, Map<string, string>>();
  private made = 0;

  private constructor(url: string) {
    this.reading = new pg.Client(url);
    this.inserting = new pg.Client(url);
  }

  static async open(superuserUrl: string): Promise<Asker> {
    const asker = new Asker(superuserUrl);
    for (const client of [asker.reading, asker.inserting]) {
      await client.connect();
      asker.functions.set(client, new Map());
    }
    await asker.reading.query('set session_replication_role = replica');
    return asker;
  }

  async close(): Promise<void> {
    await Promise.all([this.reading.end(), this.inserting.end()]);
  }

  /** Makes, outside of any transaction, what the next one is going to ask. */
  async learn(client: pg.Client, lists: readonly (readonly Cell[])[]): Promise<void> {
    const functions = this.functions.get(client)!;
    for (const cells of lists) {
      const key = keyOf(cells);
      if (!functions.has(key)) functions.set(key, await this.make(client, cells));
    }
  }

  /** Runs within the transaction what the superuser arranges in it, triggers and all. */
  async arrange(client: pg.Client, sql: string): Promise<void> {
    if (client !== this.reading) await client.query(sql);
    else
      await client.query(
        `set local session_replication_role = origin; ${sql}; set local session_replication_role = replica`,
      );
  }

  /** Asks in the open transaction, and undoes it. @returns what was found, cell by cell. */
  async ask(
    client: pg.Client,
    role: string,
    context: ContextCase,
    cells: readonly Cell[],
  ): Promise<string[]> {
    const name = this.functions.get(client)!.get(keyOf(cells)) ?? (await this.make(client, cells));
    const pid = (client as unknown as { processID: number }).processID;
    await client.query('savepoint context');
    await client.query(`select set_config('app.context', $1, true)`, [context.text(pid)]);
    if (context.readOnly) await client.query('set local transaction_read_only = on');
    await client.query(`set local role ${role}`);
    const { rows } = await client.query<{ found: string[] }>(`select ${name}() as found`);
    await client.query('rollback to context; release context');
    return rows[0]!.found;
  }

  private async make(client: pg.Client, cells: readonly Cell[]): Promise<string> {
    const name = `pg_temp.ask_${++this.made}`;
    await client.query(`
      create function ${name}() returns text[] language plpgsql as $ask$
      #variable_conflict use_column
      declare
        ask_answers text[] := '{}';
        ask_answer text;
        ask_number bigint;
      begin
        ${cells.map(({ sql }) => blockOf(sql)).join('\n')}
        return ask_answers;
      end $ask$`);
    return name;
  }
}

const keyOf = (cells: readonly Cell[]): string => cells.map(({ sql }) => sql).join(';\n');

/** One cell. What it did is undone, error or not; what was found stays. */
const blockOf = (sql: string): string => `
  begin
    ${sql.startsWith('select ') ? selecting(sql) : writing(sql)}
  exception
    when sqlstate 'ZZ999' then null;
    when others then ask_answer := 'error ' || sqlstate;
  end;
  ask_answers := ask_answers || ask_answer;`;

const selecting = (sql: string): string => `
  select 'rows ' || coalesce(string_agg(x, ' ' order by x collate "C"), '') into ask_answer from (${sql}) as seen(x);`;

const writing = (sql: string): string => `
  ${sql};
  get diagnostics ask_number = row_count;
  ask_answer := 'affected ' || ask_number;
  raise exception using errcode = 'ZZ999';`;
