import type { ClientBase } from 'pg';

/** Whole months that the demo's figures cover. */
const MONTHS = 5;

/**
 * Publishes the months before today, as the job would have: by the same function, which leaves out what is not closed
 * yet. Demo rows of one day are equal, so each is dated as early as it could have been published.
 */
export async function writeBenchmarks(client: ClientBase, today: Date): Promise<void> {
  for (let back = MONTHS; back >= 1; back--) {
    const month = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1));
    await client.query('select app.publish_benchmarks($1)', [month.toISOString().slice(0, 10)]);
  }
  await client.query(`update benchmark set published_at = month + interval '1 month 9 days'`);
}
