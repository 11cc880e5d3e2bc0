import type { TableAccess } from './declaration.ts';

const progress = ['state', 'result', 'error', 'claimed_by', 'started_at', 'finished_at'] as const;

/** What is asked of the process that holds the keys for it, what probes found, and certificates. */
export const isolationTables = {
  isolation_task: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        select: { rows: 'staff', columns: '*' },
        insert: {
          rows: 'own-staff-session',
          columns: ['id', 'kind', 'runs_on', 'input', 'state', 'staff_user_id', 'created_at'],
        },
      },
      bulkhead_partner_gate: {
        select: { rows: 'everyone', columns: '*' },
        // It may ask the admin process, and answers what it is asked itself; never the reverse.
        insert: { rows: 'run-by-admin', columns: ['id', 'kind', 'runs_on', 'input'] },
        update: { rows: 'run-by-partner', columns: progress },
        delete: { rows: 'run-by-partner', columns: '*' },
      },
      bulkhead_admin_gate: {
        select: { rows: 'run-by-admin', columns: '*' },
        update: { rows: 'run-by-admin', columns: progress },
        delete: { rows: 'run-by-admin', columns: '*' },
      },
    },
  },
  isolation_probe: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        select: { rows: 'staff', columns: '*' },
        insert: {
          rows: 'own-staff-session',
          columns: ['id', 'at', 'source', 'staff_user_id', 'attacks', 'breaches', 'duration_ms', 'result'],
        },
      },
      // Rounds that a command made have nobody of staff behind them.
      bulkhead_admin_gate: {
        select: { rows: 'past-command', columns: ['source', 'at'] },
        insert: {
          rows: 'by-command',
          columns: ['id', 'at', 'source', 'attacks', 'breaches', 'duration_ms', 'result'],
        },
        delete: { rows: 'past-command', columns: '*' },
      },
    },
  },
  layer_difference: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        select: { rows: 'staff', columns: '*' },
        update: { rows: 'operator', columns: ['acknowledged_at', 'acknowledged_by'] },
      },
      bulkhead_partner_gate: {
        insert: {
          rows: 'everyone',
          columns: ['id', 'receipt', 'of_market', 'model', 'layer', 'both_rows', 'alone_rows', 'ids'],
        },
      },
    },
  },
  isolation_certificate: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        select: { rows: 'staff', columns: '*' },
        insert: {
          rows: 'own-staff-session',
          columns: ['id', 'at', 'staff_user_id', 'is_clean', 'payload', 'signature', 'key_id'],
        },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
