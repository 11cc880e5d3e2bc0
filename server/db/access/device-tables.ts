import type { TableAccess } from './declaration.ts';
import { marketReads, staffReads } from './reads.ts';

/** Tills, and what they have to do with. Their own login sees what hangs on one device's row, and nothing beside it. */
export const deviceTables = {
  device: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        update: { rows: 'market-manager', columns: ['name', 'state', 'revoked_at', 'revoked_by'] },
      },
      bulkhead_admin: staffReads,
      bulkhead_device: {
        select: { rows: 'own-device', columns: '*' },
        update: {
          rows: 'working-device',
          columns: ['app_version', 'queue_depth', 'clock_skew_ms', 'last_seen_at'],
        },
      },
      bulkhead_context: {
        select: { rows: 'everyone', columns: ['market_id', 'id', 'branch_id', 'state'] },
      },
      bulkhead_limits: { select: { rows: 'everyone', columns: ['market_id', 'state'] } },
    },
  },
} as const satisfies Record<string, TableAccess>;
