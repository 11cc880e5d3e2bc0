import { setTimeout as pause } from 'node:timers/promises';
import { busy } from '../errors.ts';
import type { ScopedClient } from './types.ts';

const TRIES = 8;
const LONGEST_PAUSE_MS = 40;

/**
 * One after the other in effect: of two requests that each count and then add, the second sees the first. Serializable,
 * so PostgreSQL ends one of such a pair, at a statement or at COMMIT; it is tried again after a random pause.
 * @throws AppError 503 when it never got its turn.
 */
export async function oneByOne<Result>(
  db: ScopedClient,
  work: (tx: ScopedClient) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$transaction(work, { isolationLevel: 'Serializable' });
    } catch (error) {
      if (!isWriteConflict(error)) throw error;
      if (attempt === TRIES) throw busy(error);
      await pause(Math.random() * LONGEST_PAUSE_MS * attempt);
    }
  }
}

/** Prisma names a conflict at a statement P2034, and passes one at COMMIT on as the driver reported it. */
export function isWriteConflict(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: { kind?: string } };
  return code === 'P2034' || cause?.kind === 'TransactionWriteConflict';
}
