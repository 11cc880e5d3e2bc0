import type { Trace, TracedOperation } from '../market/trace.ts';

/** What was done to one model. */
export interface ModelTrace {
  /** How often each operation ran. */
  readonly ops: Record<string, number>;
  /** How many of them had the market put into their arguments. */
  injected: number;
  read: number;
  written: number;
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

  note({ model, operation, injected, read, written, ids }: TracedOperation): void {
    this.models[model] ??= { ops: {}, injected: 0, read: 0, written: 0 };
    const entry = this.models[model]!;
    entry.ops[operation] = (entry.ops[operation] ?? 0) + 1;
    if (injected) entry.injected += 1;
    entry.read += read;
    entry.written += written;
    if (ids) this.keepIds(model, ids);
  }

  keepRead(model: string, operation: string, args: unknown): void {
    if (this.reads.length < MOST_READS) this.reads.push({ model, operation, args });
  }

  deny(model: string, code: string): void {
    if (this.denials.length < MOST_DENIALS) this.denials.push({ model, code });
  }

  private keepIds(model: string, ids: readonly string[]): void {
    const some = ids.slice(0, this.idsLeft);
    this.idsLeft -= some.length;
    this.ids[model] = [...(this.ids[model] ?? []), ...some];
  }
}
