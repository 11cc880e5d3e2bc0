import type { TableAccess } from './declaration.ts';
import { marketReads, staffReads } from './reads.ts';

const reads = { bulkhead_partner: marketReads, bulkhead_admin: staffReads } as const;

/** What plans limit and how much of it is used. Counters are written by triggers alone, as `bulkhead_limits`. */
export const planTables = {
  plan_change: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        ...staffReads,
        insert: {
          rows: 'own-plan-change',
          columns: ['id', 'plan_id', 'staff_user_id', 'changed_at', 'reason', 'changes'],
        },
      },
    },
  },
  limit_override: {
    marketKey: 'market_id',
    roles: {
      // Not why, and by whom.
      bulkhead_partner: {
        select: {
          rows: 'market',
          columns: ['market_id', 'id', 'name', 'cap', 'starts_at', 'ends_at', 'created_at'],
        },
      },
      bulkhead_admin: {
        ...staffReads,
        insert: {
          rows: 'own-override',
          columns: [
            'market_id',
            'id',
            'name',
            'cap',
            'starts_at',
            'ends_at',
            'reason',
            'created_by',
            'created_at',
          ],
        },
        update: { rows: 'operator', columns: ['ends_at'] },
      },
      bulkhead_limits: { select: { rows: 'everyone', columns: '*' } },
    },
  },
  limit_use: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      // Which markets have counters, for the job that checks each in its own context.
      bulkhead_partner_gate: { select: { rows: 'everyone', columns: ['market_id'] } },
      // From the triggers of what is counted, whoever wrote it: each names the market of the rows.
      bulkhead_limits: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['market_id', 'name', 'period', 'used', 'counted_at'] },
        update: { rows: 'everyone', columns: ['used', 'counted_at'] },
      },
    },
  },
  limit_peak: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      bulkhead_limits: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['market_id', 'name', 'month', 'peak'] },
        update: { rows: 'everyone', columns: ['peak'] },
      },
    },
  },
  limit_drift: {
    marketKey: 'market_id',
    roles: {
      bulkhead_admin: {
        ...staffReads,
        update: { rows: 'operator', columns: ['acknowledged_at', 'acknowledged_by'] },
      },
      bulkhead_limits: {
        insert: {
          rows: 'everyone',
          columns: ['market_id', 'id', 'name', 'period', 'recorded', 'counted'],
        },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
