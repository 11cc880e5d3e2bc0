import type { RoleRules, TableAccess } from './declaration.ts';

/** What `bulkhead_decoy` may do in the decoy market, and nowhere else. */
export const planted = (columns: readonly string[]): RoleRules => ({
  select: { rows: 'decoy-market', columns: '*' },
  insert: { rows: 'decoy-market', columns },
});

/** The mark that no answer may hold, and where it was seen. Both lie outside of every market. */
export const decoyTables = {
  decoy: {
    marketKey: null,
    roles: {
      bulkhead_admin: { select: { rows: 'staff', columns: ['id', 'planted_at', 'checked_at'] } },
      bulkhead_admin_gate: { select: { rows: 'everyone', columns: '*' } },
      bulkhead_partner_gate: { select: { rows: 'everyone', columns: '*' } },
      bulkhead_decoy: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['id', 'mark', 'planted_at', 'checked_at'] },
        update: { rows: 'everyone', columns: ['checked_at'] },
      },
    },
  },
  decoy_sighting: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        select: { rows: 'staff', columns: '*' },
        update: { rows: 'operator', columns: ['acknowledged_at', 'acknowledged_by'] },
      },
      bulkhead_admin_gate: { insert: { rows: 'everyone', columns: sighting() } },
      bulkhead_partner_gate: { insert: { rows: 'everyone', columns: sighting() } },
    },
  },
} as const satisfies Record<string, TableAccess>;

function sighting() {
  return ['id', 'at', 'place', 'surface', 'receipt', 'viewer_market', 'viewer', 'route'] as const;
}
