import type { TableAccess } from './declaration.ts';
import { marketReads, staffReads } from './reads.ts';

/** What a till may know of its own operations: what it was answered, not whose claim it was or what a manager said. */
const told = [
  'market_id',
  'device_id',
  'id',
  'branch_id',
  'code',
  'body_hash',
  'lease_id',
  'device_at',
  'skew_ms',
  'state',
  'redeemed_at',
  'received_at',
  'answer',
] as const;

/** What tills are told, what they hand in, and the allowances that they go offline with. */
export const syncTables = {
  sync_epoch: {
    marketKey: null,
    roles: {
      bulkhead_sync: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['id', 'epoch', 'system', 'began_at'] },
        delete: { rows: 'everyone', columns: '*' },
      },
    },
  },
  sync_reach: {
    marketKey: 'market_id',
    roles: {
      bulkhead_device: {
        select: { rows: 'device-reach', columns: ['market_id', 'offer_id', 'branch_id', 'holds'] },
      },
      bulkhead_sync: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['market_id', 'offer_id', 'branch_id', 'holds'] },
        update: { rows: 'everyone', columns: ['holds'] },
        delete: { rows: 'everyone', columns: '*' },
      },
    },
  },
  sync_change: {
    marketKey: 'market_id',
    roles: {
      bulkhead_device: { select: { rows: 'device-change', columns: '*' } },
      bulkhead_sync: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['market_id', 'row_id', 'collection', 'offer_id', 'xid'] },
        update: { rows: 'everyone', columns: ['xid'] },
        delete: { rows: 'everyone', columns: '*' },
      },
    },
  },
  redemption: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        update: { rows: 'market-manager', columns: ['resolution', 'resolution_note'] },
      },
      bulkhead_admin: staffReads,
      bulkhead_limits: { select: { rows: 'everyone', columns: ['market_id'] } },
      bulkhead_device: {
        select: { rows: 'of-device', columns: told },
        insert: {
          rows: 'own-redemption-here',
          columns: [
            'market_id',
            'device_id',
            'id',
            'branch_id',
            'code',
            'body_hash',
            'lease_id',
            'device_at',
            'skew_ms',
            'receipt',
          ],
        },
      },
      bulkhead_sync: {
        select: { rows: 'signed-market', columns: '*' },
        update: {
          rows: 'signed-market',
          columns: ['state', 'kind', 'claim_id', 'redeemed_at', 'answer'],
        },
        delete: { rows: 'signed-market', columns: '*' },
      },
    },
  },
  quota_lease: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: marketReads,
      bulkhead_admin: staffReads,
      bulkhead_device: { select: { rows: 'of-device', columns: '*' } },
      bulkhead_sync: {
        select: { rows: 'signed-market', columns: '*' },
        insert: {
          rows: 'signed-market',
          columns: ['market_id', 'id', 'device_id', 'period', 'granted', 'issued_at', 'expires_at'],
        },
        update: {
          rows: 'signed-market',
          columns: ['granted', 'used', 'returned', 'expires_at', 'settled_at'],
        },
      },
      bulkhead_limits: {
        select: { rows: 'everyone', columns: ['market_id', 'granted', 'used', 'returned'] },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
