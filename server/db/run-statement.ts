import type { Scope } from '../market/scope.ts';
import type { Escorts } from './escorts.ts';
import { endsConnection, type SessionPool } from './pool.ts';
import type { Ran } from './session.ts';
import type { WireValue } from './wire.ts';

/** What everything that runs statements shares: where connections come from, and how the context gets in front. */
export interface Parts {
  readonly pool: SessionPool;
  readonly escorts: Escorts;
  readonly named: boolean;
}

export interface SentStatement {
  readonly text: string;
  readonly values: readonly WireValue[];
  /** Hand-written SQL is followed by a reset that forgets all statements: naming it gains nothing. */
  readonly raw: boolean;
}

/** 0A000: a cached plan whose result type changed. 26000: a prepared statement the server does not know. */
const STALE = new Set(['0A000', '26000']);

/**
 * Runs one statement with its context in one batch, on a connection of its own for as long as it takes. One that had
 * become stale is tried once more: the server refuses it before it runs anything, so that repeats nothing.
 */
export async function runStatement(
  { pool, escorts, named }: Parts,
  scope: Scope,
  { text, values, raw }: SentStatement,
): Promise<Ran> {
  const escort = escorts.statement(scope);
  const session = await pool.acquire();
  const send = () => session.run(escort, text, values, named && !raw);
  let fault: unknown;
  try {
    return await send().catch(async (error: unknown) => {
      if (endsConnection(error)) throw error;
      // Only an explicit BEGIN outlives the batch that failed.
      if (escort.lead > 1) await session.rollback();
      if (!STALE.has((error as { code?: string }).code ?? '')) throw error;
      session.statements.drop(text);
      return send();
    });
  } catch (error) {
    fault = error;
    throw error;
  } finally {
    pool.release(session, raw, fault);
  }
}
