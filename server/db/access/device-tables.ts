import type { TableAccess } from './declaration.ts';
import { marketReads, staffReads } from './reads.ts';

/** All but the code's digest, which nobody reads back. */
const pairingShown = [
  'market_id',
  'id',
  'branch_id',
  'name',
  'created_by',
  'created_at',
  'expires_at',
  'used_at',
] as const;

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
        // Not who in the team added or revoked it.
        select: {
          rows: 'own-device',
          columns: [
            'market_id',
            'id',
            'branch_id',
            'name',
            'state',
            'public_key',
            'thumbprint',
            'app_version',
            'queue_depth',
            'clock_skew_ms',
            'paired_at',
            'last_seen_at',
            'revoked_at',
          ],
        },
        update: {
          rows: 'working-device',
          columns: ['app_version', 'queue_depth', 'clock_skew_ms', 'last_seen_at'],
        },
      },
      bulkhead_sync: { select: { rows: 'everyone', columns: ['market_id', 'id', 'name'] } },
      bulkhead_limits: { select: { rows: 'everyone', columns: ['market_id', 'state'] } },
      bulkhead_context: {
        select: { rows: 'everyone', columns: ['market_id', 'id', 'branch_id', 'state', 'thumbprint'] },
        // From the pairing alone: app.pair_device().
        insert: {
          rows: 'everyone',
          columns: [
            'market_id',
            'id',
            'branch_id',
            'name',
            'public_key',
            'thumbprint',
            'app_version',
            'created_by',
          ],
        },
      },
    },
  },
  device_pairing: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        select: { rows: 'market', columns: pairingShown },
        insert: {
          rows: 'market-manager',
          columns: ['market_id', 'id', 'branch_id', 'name', 'code_digest', 'created_at'],
        },
        delete: { rows: 'market-manager', columns: '*' },
      },
      bulkhead_admin: { select: { rows: 'staff', columns: pairingShown } },
      bulkhead_context: {
        select: { rows: 'everyone', columns: '*' },
        update: { rows: 'everyone', columns: ['used_at'] },
      },
    },
  },
  device_spent_id: {
    marketKey: 'market_id',
    roles: {
      bulkhead_device: {
        select: { rows: 'of-device', columns: '*' },
        insert: { rows: 'of-device', columns: ['market_id', 'device_id', 'id', 'expires_at'] },
        delete: { rows: 'of-device', columns: '*' },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
