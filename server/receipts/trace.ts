import type { Trace, TracedOperation, TracedRows } from '../market/trace.ts';

/** What was done to one model. */
export interface ModelTrace {
  /** How often each operation ran. */
  readonly ops: Record<string, number>;
  /** How many of them had the market put into their arguments. */
  injected: number;
  read: number;
  written: number;
  /** How often rows were, or may have been, written that nobody counted. */
  uncounted?: number;
}

export interface Denial {
  readonly model: string;
  readonly code: string;
}

/** More than a page shows; a request that refuses without end must not grow without end. */
const MOST_DENIALS = 20;
const MOST_IDS = 500;
const MOST_READS = 20;

/** Notes as they come, in as few objects as can be: it runs with every operation of every request. */
export class RequestTrace implements Trace {
  readonly models: Record<string, ModelTrace> = {};
  readonly denials: Denial[] = [];
  readonly ids: Record<string, string[]> = {};
  readonly reads: { readonly model: string; readonly operation: string; readonly args: unknown }[] = [];
  wantsIds = false;
  wantsReads = false;
  private idsLeft = MOST_IDS;

  note(operation: TracedOperation): void {
    const entry = this.noteAlong(operation);
    entry.ops[operation.operation] = (entry.ops[operation.operation] ?? 0) + 1;
    if (operation.injected) entry.injected += 1;
  }

  noteAlong({ model, read, written, ids }: TracedRows): ModelTrace {
    const entry = this.entryOf(model);
    entry.read += read;
    entry.written += written;
    if (ids) this.keepIds(model, ids);
    return entry;
  }

  noteUncounted(model: string): void {
    const entry = this.entryOf(model);
    entry.uncounted = (entry.uncounted ?? 0) + 1;
  }

  private entryOf(model: string): ModelTrace {
    this.models[model] ??= { ops: {}, injected: 0, read: 0, written: 0 };
    return this.models[model]!;
  }

  keepRead(model: string, operation: string, args: unknown): void {
    if (this.reads.length < MOST_READS) this.reads.push({ model, operation, args });
  }

  deny(model: string, code: string): void {
    if (this.denials.length < MOST_DENIALS) this.denials.push({ model, code });
  }

  private keepIds(model: string, ids: readonly string[]): void {
    const known = new Set(this.ids[model]);
    const fresh = [...new Set(ids)].filter((id) => !known.has(id)).slice(0, this.idsLeft);
    this.idsLeft -= fresh.length;
    this.ids[model] = [...known, ...fresh];
  }
}
