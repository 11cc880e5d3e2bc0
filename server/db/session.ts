import type { Duplex } from 'node:stream';
import pg from 'pg';
import { Batch, type BatchResult } from './batch.ts';
import { createSocket, type ReadableConnection, readThrough } from './reader.ts';
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

const nothing = () => {};

function settled({ fields, rows, tag }: BatchResult, statement: Statement | null): Ran {
  if (statement) statement.fields ??= fields ?? [];
  return { fields, rows, tag, statement };
}

/** Writing is synchronous, so one buffer serves all connections. */
const wire = new Wire();

/** One connection, with what it has prepared. */
export class Session extends pg.Client {
  readonly statements = new Statements();
  /** Backend pid that the server announced; signed contexts are bound to it. */
  declare readonly processID: number;
  /** Set when the connection died or a transaction on it ended behind our back. */
  lost = false;
  /** When it was given back, and when its server was last asked (0: it has answered), as `Date.now()`. */
  idleSince = 0;
  busySince = 0;
  private pending = 0;

  constructor(config?: pg.ClientConfig) {
    super({ ...config, stream: createSocket as unknown as () => Duplex });
    readThrough((this as unknown as { connection: ReadableConnection }).connection);
    // Without a listener, a connection that dies while checked out ends the process.
    this.on('error', () => {});
  }

  /** `I` idle, `T` in a transaction, `E` in a failed one, as of the last answer. */
  get transactionStatus(): string | null {
    return (this as unknown as { getTransactionStatus(): string | null }).getTransactionStatus();
  }

  private batch<T>(lead: number, message: () => Buffer, done: (result: BatchResult) => T): Promise<T> {
    if (this.pending++ === 0) this.busySince = Date.now();
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null, result?: BatchResult) => {
        this.pending -= 1;
        this.busySince = this.pending > 0 ? Date.now() : 0;
        if (error) reject(error);
        else resolve(done(result!));
      };
      this.query(new Batch(message, lead, settle));
    });
  }

  /** Gives up on a server that does not answer: everything under way on it fails. */
  abandon(): void {
    const { connection } = this as unknown as { connection: { stream: Duplex } };
    connection.stream.destroy(new Error('The database did not answer in time'));
  }

  /** Runs one statement, prepared under a name when `named`, with its escort in the same batch. */
  run(escort: Escort, sql: string, values: readonly WireValue[], named: boolean): Promise<Ran> {
    let statement: Statement | null = null;
    const message = () => {
      wire.clear();
      for (const name of this.statements.takeEvicted()) wire.forget(name);
      escort.before(wire, this);
      if (named) statement = this.writeNamed(sql, values);
      else wire.parse('', sql).bind('', values).describe().execute();
      escort.after(wire, this);
      return wire.take();
    };
    return this.batch(escort.lead, message, (result) => settled(result, statement));
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
  prepareContext(): Promise<void> {
    return this.batch(0, () => wire.clear().parse(CONTEXT_STATEMENT, CONTEXT_SQL).take(), nothing);
  }

  /** Ends a transaction that an error has left open. */
  rollback(): Promise<void> {
    return this.batch(0, () => wire.clear().run('rollback').take(), nothing);
  }

  /** Leaves nothing of the last user: settings, locks, cursors, temporary tables, prepared statements. */
  reset(named: boolean): Promise<void> {
    this.statements.clear();
    const message = () => {
      wire.clear().run('discard all');
      return (named ? wire.parse(CONTEXT_STATEMENT, CONTEXT_SQL) : wire).take();
    };
    return this.batch(0, message, nothing);
  }
}
