import type { Scope } from '../market/scope.ts';
import { uncarried } from './db.errors.ts';

/** Runs an operation on a client and settles through the two functions; may throw instead. */
export type Start<T, C> = (client: C, resolve: (value: T) => void, reject: (error: unknown) => void) => void;

/**
 * One operation that has not started: like Prisma's own promises it runs when it is first awaited, so that
 * `$transaction([…])` can run it inside of the transaction instead.
 */
export class Operation<T, C> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'Operation';
  readonly scope: Scope;
  readonly #start: Start<T, C>;
  readonly #client: C;
  #started: Promise<T> | undefined;

  constructor(scope: Scope, client: C, start: Start<T, C>) {
    this.scope = scope;
    this.#client = client;
    this.#start = start;
  }

  /** Starts it on this client instead of its own; at most once. */
  on(client: C): Promise<T> {
    if (this.#started) throw new Error('This operation has run already');
    this.#started = run(this.#start, client);
    return this.#started;
  }

  #promise(): Promise<T> {
    this.#started ??= run(this.#start, this.#client);
    return this.#started;
  }

  // biome-ignore lint/suspicious/noThenProperty: it stands in for a promise
  then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#promise().then(done, failed);
  }

  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#promise().catch(failed);
  }

  finally(done?: (() => void) | null): Promise<T> {
    return this.#promise().finally(done);
  }
}

function run<T, C>(start: Start<T, C>, client: C): Promise<T> {
  return new Promise((resolve, reject) => start(client, resolve, (error) => reject(uncarried(error))));
}
