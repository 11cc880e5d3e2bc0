import { Pool, type PoolClient } from 'pg';
import { type ContextKey, signContext } from '../market/context.ts';
import type { Scope } from '../market/scope.ts';

export type Query = <Row>(text: string, values?: unknown[]) => Promise<Row[]>;

/**
 * The second, much weaker database login of a portal: only what has to happen before a scope exists
 * (credentials, memberships of one person, invitations, throttles). Features never receive it.
 */
export interface Gate {
  readonly pool: Pool;
  readonly query: Query;
  /** Runs statements in one transaction under a signed context: that of a person who proved who they are. */
  readonly as: <Result>(scope: Scope | null, work: (query: Query) => Promise<Result>) => Promise<Result>;
  readonly close: () => Promise<void>;
}

export interface GateOptions {
  readonly url: string;
  readonly key: ContextKey;
  /** Signs what happens at the public surface before there is a shopper; in the partner process alone. */
  readonly publicKey?: ContextKey;
  readonly size?: number;
  readonly onError?: (error: Error) => void;
}

export function createGate({ url, key, publicKey, size = 4, onError = () => {} }: GateOptions): Gate {
  const pool = new Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    query_timeout: 12_000,
    application_name: 'bulkhead-gate',
  });
  pool.on('error', onError);
  return {
    pool,
    query: async <Row>(text: string, values?: unknown[]) => (await pool.query(text, values)).rows as Row[],
    as: async (scope, work) => {
      const client = await pool.connect();
      client.on('error', onError);
      try {
        const signing = scope?.surface === 'public' ? publicKey : key;
        if (!signing) throw new Error('This process has no door to the public surface');
        return await transaction(client, scope && signContext(scope, signing, pidOf(client)), work);
      } finally {
        client.removeListener('error', onError);
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

async function transaction<Result>(
  client: PoolClient,
  context: string | null,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  await client.query('begin');
  try {
    if (context) await client.query("select set_config('app.context', $1, true)", [context]);
    const result = await work(
      async <Row>(text: string, values?: unknown[]) => (await client.query(text, values)).rows as Row[],
    );
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

const pidOf = (client: PoolClient): number => (client as unknown as { processID: number }).processID;
