import type { ScopedClient } from '../db/client.ts';

export type Transact = <T>(work: (tx: ScopedClient) => Promise<T>) => Promise<T>;

const ATTEMPTS = 4;

export const plain =
  (db: ScopedClient): Transact =>
  (work) =>
    db.$transaction(work);

/**
 * One after the other in effect: of two requests that each count and then add, the second sees the first.
 * PostgreSQL ends one of such a pair; it is tried again. No lock outlives the transaction.
 */
export const oneByOne =
  (db: ScopedClient): Transact =>
  async (work) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await db.$transaction(work, { isolationLevel: 'Serializable' });
      } catch (error) {
        if (attempt === ATTEMPTS || (error as { code?: string }).code !== 'P2034') throw error;
      }
    }
  };

/** Now, but always later than what it follows: a version must differ from the one before it. */
export const after = (before: Date, now: Date): Date =>
  new Date(Math.max(now.getTime(), before.getTime() + 1));
