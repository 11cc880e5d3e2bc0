import type { ScopedClient } from '../db/client.ts';
import { oneByOne as inTurn } from '../db/one-by-one.ts';

export type Transact = <T>(work: (tx: ScopedClient) => Promise<T>) => Promise<T>;

/** An ordinary transaction. */
export const plain =
  (db: ScopedClient): Transact =>
  (work) =>
    db.$transaction(work);

/** One in which the plan's limit is counted: of two that would each take the last place, one gets it. */
export const oneByOne =
  (db: ScopedClient): Transact =>
  (work) =>
    inTurn(db, work);

/** Now, but always later than what it follows: a version must differ from the one before it. */
export const after = (before: Date, now: Date): Date =>
  new Date(Math.max(now.getTime(), before.getTime() + 1));
