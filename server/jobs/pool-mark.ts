import pg from 'pg';
import type { JobLog } from './log.ts';

/** First half of the advisory locks' key, so that they meet no other use of advisory locks. */
const CLASS = 0x6a6f6273;
const RECONNECT = 2_000;

export interface PoolMark {
  release(): Promise<void>;
}

/**
 * Shows that a worker pool lives: an advisory lock held by a connection of its own. It goes when the process does,
 * however that ends, so its jobs need not wait the queue's four hours to be taken over.
 */
export async function markPool(url: string, id: string, log: JobLog): Promise<PoolMark> {
  let released = false;
  let retry: NodeJS.Timeout | undefined;
  let client: pg.Client;
  const later = () => {
    if (released || retry) return;
    log.warn({ pool: id }, 'job queue lost the connection that shows it lives');
    retry = setTimeout(() => {
      retry = undefined;
      hold().catch(later);
    }, RECONNECT);
    retry.unref();
  };
  const hold = async () => {
    client = new pg.Client({
      connectionString: url,
      application_name: 'bulkhead-jobs',
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    client.once('end', later);
    await client.query('select pg_advisory_lock($1, hashtext($2))', [CLASS, id]);
  };
  await hold();
  return {
    release: async () => {
      released = true;
      clearTimeout(retry);
      await client.end();
    },
  };
}

/**
 * Frees the jobs of worker pools that no longer live. A pool that only lost its connection may still be at work: its
 * job then runs twice, which is why jobs must notice that their progress has been made by another.
 * @returns the pools' ids.
 */
export async function releaseDeadPools(pool: pg.Pool, schema: string): Promise<string[]> {
  const client = await pool.connect();
  try {
    // A pool that has just begun may not have set its mark yet.
    const { rows } = await client.query(
      `select distinct locked_by as id from ${schema}._private_jobs
       where locked_by is not null and locked_at < now() - interval '3 seconds'`,
    );
    const dead: string[] = [];
    for (const { id } of rows) {
      const { rows: tried } = await client.query('select pg_try_advisory_lock($1, hashtext($2)) as free', [
        CLASS,
        id,
      ]);
      if (!tried[0].free) continue;
      await client.query(`select ${schema}.force_unlock_workers(array[$1])`, [id]);
      await client.query('select pg_advisory_unlock($1, hashtext($2))', [CLASS, id]);
      dead.push(id);
    }
    return dead;
  } finally {
    client.release();
  }
}
