import type { Connection } from 'pg';
import { type ReadableConnection, type RowSink, readRow } from './reader.ts';

/** A column as the server describes it. */
export interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

export interface BatchResult {
  /** Null when the statement was not described in this batch. */
  readonly fields: readonly Field[] | null;
  /** Column values in text format. */
  readonly rows: (string | null)[][];
  /** Command tag, as `UPDATE 3`. */
  readonly tag: string;
}

type Settle = (error: Error | null, result?: BatchResult) => void;

/** The parts of `pg`'s connection that its type declarations leave out. */
interface RawConnection extends ReadableConnection {
  stream: { write(buffer: Buffer): boolean };
  sendCopyFail(reason: string): void;
  sync(): void;
}

const raw = (connection: Connection) => connection as unknown as RawConnection;

/**
 * One pipelined batch under one Sync, as `pg`'s client submits it. `lead` statements (the context, BEGIN)
 * run before the one whose rows are wanted. Settles exactly once, also when the connection dies:
 * `handleReadyForQuery` does not follow an error.
 */
export class Batch implements RowSink {
  /** `pg` reads and wraps this for its query timeout. */
  callback: Settle;
  private readonly message: () => Buffer;
  private lead: number;
  private fields: readonly Field[] | null = null;
  private rows: (string | null)[][] = [];
  private tag = '';
  private settled = false;

  constructor(message: () => Buffer, lead: number, callback: Settle) {
    this.message = message;
    this.lead = lead;
    this.callback = callback;
  }

  submit(connection: Connection): Error | null {
    try {
      raw(connection).sink = this;
      raw(connection).stream.write(this.message());
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  handleRowDescription(message: { fields: Field[] }): void {
    if (this.lead === 0) this.fields = message.fields;
  }

  /** Only rows of the statements in front come this way. */
  handleDataRow(): void {}

  takesRows(): boolean {
    return this.lead === 0 && this.tag === '' && !this.settled;
  }

  row(bytes: Buffer, start: number, end: number): void {
    this.rows.push(readRow(bytes, start, end));
  }

  handleCommandComplete(message: { text: string }): void {
    if (this.lead > 0) this.lead -= 1;
    else if (this.tag === '') this.tag = message.text;
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: 'EMPTY' });
  }

  handlePortalSuspended(): void {}

  handleReadyForQuery(): void {
    this.settle(null, { fields: this.fields, rows: this.rows, tag: this.tag });
  }

  handleError(error: Error): void {
    this.settle(error);
  }

  /** COPY … FROM STDIN has swallowed the batch's Sync as copy data, so the refusal needs another. */
  handleCopyInResponse(connection: Connection): void {
    raw(connection).sendCopyFail('COPY is not available here');
    raw(connection).sync();
  }

  handleCopyData(): void {}

  private settle(error: Error | null, result?: BatchResult): void {
    if (this.settled) return;
    this.settled = true;
    this.callback(error, result);
  }
}
