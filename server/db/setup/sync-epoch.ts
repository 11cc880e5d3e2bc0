import { withClient, withUrl } from './connect.ts';

/**
 * Begins the order of changes for tills anew when the database comes from another cluster, whose transaction ids it holds:
 * after a restore from a dump or an upgrade. Until then no till can pull.
 * @returns whether it had to.
 */
export function ensureSyncEpoch(url: string): Promise<boolean> {
  return withClient(withUrl(url, { role: 'bulkhead_owner' }), async (client) => {
    const { rows } = await client.query<{ begun: boolean }>('select app.renew_sync_epoch() as begun');
    return rows[0]!.begun;
  });
}
