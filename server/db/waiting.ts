interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: number;
}

/** Callers in line, first come first served, each for the same time at most: one timer serves them all. */
export class Waiting<T> {
  private readonly timeout: number;
  private readonly late: () => Error;
  private line: Waiter<T>[] = [];
  private first = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `timeout` in milliseconds; `late` makes the error for whoever has waited that long. */
  constructor(timeout: number, late: () => Error) {
    this.timeout = timeout;
    this.late = late;
  }

  get size(): number {
    return this.line.length - this.first;
  }

  enter(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.line.push({ resolve, reject, deadline: performance.now() + this.timeout });
      this.timer ??= setTimeout(() => this.expire(), this.timeout);
    });
  }

  private next(): Waiter<T> | undefined {
    const waiter = this.line[this.first];
    if (!waiter) return undefined;
    this.first += 1;
    if (this.first > 1_000 || this.first === this.line.length) {
      this.line = this.line.slice(this.first);
      this.first = 0;
    }
    return waiter;
  }

  /** Gives the value to the first in line; false when there is none. */
  serve(value: T): boolean {
    const waiter = this.next();
    waiter?.resolve(value);
    return waiter !== undefined;
  }

  /** Turns the first in line away. */
  fail(error: unknown): void {
    this.next()?.reject(error);
  }

  private expire(): void {
    this.timer = undefined;
    const now = performance.now();
    while (this.size > 0 && this.line[this.first]!.deadline <= now) this.fail(this.late());
    const soonest = this.line[this.first];
    if (soonest) this.timer = setTimeout(() => this.expire(), Math.max(1, soonest.deadline - now));
  }
}
