import type { TableAccess } from './declaration.ts';
import { staffReads } from './reads.ts';

/** What a receipt says of a request, whichever portal's. */
const said = [
  ...(['id', 'at', 'surface', 'actor_kind', 'actor_id', 'actor_name', 'db_role', 'method', 'route'] as const),
  ...(['status', 'duration_us', 'operations', 'models', 'is_raw', 'is_denied', 'denials'] as const),
] as const;

/** Gates write receipts down and let old ones go; they read no more of one than its age. */
const letGo = {
  select: { rows: 'past-receipt', columns: ['at'] },
  delete: { rows: 'past-receipt', columns: '*' },
} as const;
const lost = {
  insert: { rows: 'everyone', columns: ['id', 'at', 'surface', 'lost'] },
  ...letGo,
} as const;

/** What scope each request ran under, and what it did to the database. */
export const receiptTables = {
  receipt: {
    marketKey: 'market_id',
    roles: {
      // Of support sessions alone: what staff have seen of one's own market.
      bulkhead_partner: { select: { rows: 'market-support-receipt', columns: '*' } },
      bulkhead_admin: staffReads,
      bulkhead_partner_gate: {
        insert: { rows: 'everyone', columns: ['market_id', ...said, 'support_session_id', 'row_ids'] },
        ...letGo,
      },
    },
  },
  platform_receipt: {
    marketKey: null,
    roles: {
      bulkhead_admin: staffReads,
      bulkhead_admin_gate: { insert: { rows: 'everyone', columns: said }, ...letGo },
      bulkhead_partner_gate: { insert: { rows: 'everyone', columns: said }, ...letGo },
    },
  },
  receipt_loss: {
    marketKey: null,
    roles: { bulkhead_admin: staffReads, bulkhead_admin_gate: lost, bulkhead_partner_gate: lost },
  },
} as const satisfies Record<string, TableAccess>;
