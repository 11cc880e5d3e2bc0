import pg from 'pg';
import { type ContextKey, signContext } from '../market/context.ts';
import type { Scope } from '../market/scope.ts';

/** Roles that requests run as. A process can open those alone whose login and key it was given. */
export type RequestRole = 'bulkhead_partner' | 'bulkhead_public' | 'bulkhead_device' | 'bulkhead_admin';

/** A login and the key that its contexts are signed with. */
export interface RoleAccess {
  readonly url: string;
  readonly key: ContextKey;
}

export type RoleAccesses = Partial<Record<RequestRole, RoleAccess>>;

/** One transaction of a role, which ends undone. */
export interface RoleClient {
  /** The backend's pid, for contexts that are signed elsewhere. */
  readonly pid: number;
  readonly query: <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;
  /** The same, for statements whose rows nobody wants. */
  readonly attempt: (text: string) => Promise<{ readonly affected: number }>;
  /** Another context in the same transaction; null for none, a text for one that may be forged. */
  readonly become: (context: Scope | string | null) => Promise<void>;
}

const STATEMENT_MS = 5_000;

/**
 * Runs `work` as the real role, under the signed context of `scope`, on a connection of its own. The transaction is
 * rolled back whatever happens: there is no way to have it commit.
 */
export async function asRole<Result>(
  { url, key }: RoleAccess,
  scope: Scope | null,
  work: (client: RoleClient) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_MS,
    lock_timeout: 1_000,
    query_timeout: STATEMENT_MS + 1_000,
    application_name: 'bulkhead-isolation',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const roleClient = roleClientOf(client, key);
    await client.query('begin');
    await roleClient.become(scope);
    return await work(roleClient);
  } finally {
    await client.query('rollback').catch(() => undefined);
    await client.end().catch(() => undefined);
  }
}

function roleClientOf(client: pg.Client, key: ContextKey): RoleClient {
  const pid = (client as unknown as { processID: number }).processID;
  return {
    pid,
    query: async <Row extends object>(text: string, values?: unknown[]) =>
      (await client.query<Row>(text, values)).rows,
    attempt: async (text) => ({ affected: (await client.query(text)).rowCount ?? 0 }),
    become: async (context) => {
      const text = context === null || typeof context === 'string' ? context : signContext(context, key, pid);
      await client.query(`select set_config('app.context', $1, true)`, [text ?? '']);
      // The database believes a support session in a transaction that can't write, and in no other.
      if (context !== null && typeof context !== 'string' && context.support)
        await client.query('set local transaction_read_only = on');
    },
  };
}
