/** One operation as it ended. Counts alone: what rows hold is nobody's business here. */
export interface TracedOperation {
  /** Prisma's model, or `sql` for hand-written statements. */
  readonly model: string;
  readonly operation: string;
  /** Whether the market was put into the arguments. */
  readonly injected: boolean;
  readonly read: number;
  readonly written: number;
  /** Ids of rows read; asked for in support sessions alone. */
  readonly ids?: readonly string[] | undefined;
}

/** Rows that an operation on another model read or wrote along the way. */
export type TracedRows = Pick<TracedOperation, 'model' | 'read' | 'written' | 'ids'>;

/** What one request did to the database, as its receipt keeps it. */
export interface Trace {
  /** Whether ids of rows are wanted too. */
  wantsIds: boolean;
  /** Whether reads are wanted too, to compare layers with: in a sample of requests. */
  readonly wantsReads: boolean;
  /** A read outside of a transaction, as it was asked for. */
  keepRead(model: string, operation: string, args: unknown): void;
  note(operation: TracedOperation): void;
  noteAlong(rows: TracedRows): void;
  /** Rows of the model were written, or may have been, and nobody tells how many. */
  noteUncounted(model: string): void;
  /** The database or the argument scoping refused: its code and the model, never a value. */
  deny(model: string, code: string): void;
}
