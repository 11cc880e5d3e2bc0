import pg from 'pg';
import { Batch, type BatchResult } from './batch.ts';
import { type Statement, Statements } from './statements.ts';
import { Wire, type WireValue } from './wire.ts';

/** Name of the context statement, parsed when the connection is made. */
export const CONTEXT_STATEMENT = 'context';
export const CONTEXT_SQL = "select set_config('app.context', $1, true) is null";

/** Statements that travel in the same batch, before and behind the one whose rows are wanted. */
export interface Escort {
  /** How many statements `before` writes. */
  readonly lead: number;
  before(wire: Wire, session: Session): void;
  after(wire: Wire, session: Session): void;
}

export const alone: Escort = { lead: 0, before() {}, after() {} };

/** What ran, and the named statement that it ran as. */
export type Ran = BatchResult & { readonly statement: Statement | null };

function settled(result: BatchResult, statement: Statement | null): Ran {
  if (statement) statement.fields ??= result.fields ?? [];
  return { ...result, statement };
}

/** Writing is synchronous, so one buffer serves all connections. */
const wire = new Wire();

/** One connection, with what it has prepared. */
export class Session extends pg.Client {
  readonly statements = new Statements();
  /** Backend pid that the server announced; signed contexts are bound to it. */
  declare readonly processID: number;
  /** Set when a transaction ended behind our back. */
  lost = false;

  constructor(config?: pg.ClientConfig) {
    super(config);
    // Without a listener, a connection that dies while checked out ends the process.
    this.on('error', () => {});
  }

  /** `I` idle, `T` in a transaction, `E` in a failed one, as of the last answer. */
  get transactionStatus(): string | null {
    return (this as unknown as { getTransactionStatus(): string | null }).getTransactionStatus();
  }

  private batch(lead: number, message: () => Buffer): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      this.query(new Batch(message, lead, (error, result) => (error ? reject(error) : resolve(result!))));
    });
  }

  /** Runs one statement, prepared under a name when `named`, with its escort in the same batch. */
  async run(escort: Escort, sql: string, values: readonly WireValue[], named: boolean): Promise<Ran> {
    let statement: Statement | null = null;
    const result = await this.batch(escort.lead, () => {
      wire.clear();
      for (const name of this.statements.takeEvicted()) wire.forget(name);
      escort.before(wire, this);
      if (named) statement = this.writeNamed(sql, values);
      else wire.parse('', sql).bind('', values).describe().execute();
      escort.after(wire, this);
      return wire.take();
    });
    return settled(result, statement);
  }

  private writeNamed(sql: string, values: readonly WireValue[]): Statement {
    const statement = this.statements.get(sql);
    if (statement.fields) {
      wire.bind(statement.name, values).execute();
      return statement;
    }
    if (statement.doubtful) wire.forget(statement.name);
    statement.doubtful = true;
    wire.parse(statement.name, sql).bind(statement.name, values).describe().execute();
    return statement;
  }

  /** Parses the context statement: alone, so that no other statement's failure leaves its name in doubt. */
  async prepareContext(): Promise<void> {
    await this.batch(0, () => wire.clear().parse(CONTEXT_STATEMENT, CONTEXT_SQL).take());
  }

  /** Ends a transaction that an error has left open. */
  async rollback(): Promise<void> {
    await this.batch(0, () => wire.clear().run('rollback').take());
  }

  /** Leaves nothing of the last user: settings, locks, cursors, temporary tables, prepared statements. */
  async reset(named: boolean): Promise<void> {
    this.statements.clear();
    await this.batch(0, () => {
      wire.clear().run('discard all');
      return (named ? wire.parse(CONTEXT_STATEMENT, CONTEXT_SQL) : wire).take();
    });
  }
}
