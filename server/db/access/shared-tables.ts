import type { TableAccess } from './declaration.ts';

/** Tables without a market: catalogues that all markets read, people, and what the gates need. */
export const sharedTables = {
  plan: {
    marketKey: null,
    roles: {
      bulkhead_partner: { select: { rows: 'everyone', columns: '*' } },
      bulkhead_admin: {
        select: { rows: 'staff', columns: '*' },
        update: {
          rows: 'operator',
          columns: [
            'monthly_price',
            'max_branches',
            'max_live_offers',
            'max_team_members',
            'max_devices',
            'max_sync_pushes',
            'max_messages',
          ],
        },
      },
      bulkhead_limits: { select: { rows: 'everyone', columns: '*' } },
      bulkhead_decoy: { select: { rows: 'everyone', columns: '*' } },
    },
  },
  category: {
    marketKey: null,
    roles: {
      bulkhead_partner: { select: { rows: 'everyone', columns: '*' } },
      bulkhead_admin: { select: { rows: 'staff', columns: '*' } },
      bulkhead_public: { select: { rows: 'everyone', columns: '*' } },
      bulkhead_statistics: { select: { rows: 'everyone', columns: ['id'] } },
    },
  },
  benchmark: {
    marketKey: null,
    roles: {
      bulkhead_partner: { select: { rows: 'everyone', columns: '*' } },
      bulkhead_admin: { select: { rows: 'staff', columns: '*' } },
      bulkhead_statistics: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['category_id', 'month', 'metric', 'value'] },
      },
    },
  },
  staff_user: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        select: { rows: 'staff', columns: '*' },
        insert: {
          rows: 'operator',
          columns: ['id', 'email', 'name', 'role', 'state', 'locale', 'created_at'],
        },
        update: { rows: 'operator', columns: ['name', 'role', 'state'] },
      },
      // Whose support session it is: app.claims().
      bulkhead_context: { select: { rows: 'everyone', columns: ['id', 'state'] } },
      bulkhead_admin_gate: {
        select: { rows: 'everyone', columns: '*' },
        update: { rows: 'invited-staff', after: 'everyone', columns: ['state'] },
      },
    },
  },
  staff_credential: {
    marketKey: null,
    roles: {
      bulkhead_admin_gate: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['staff_user_id', 'password_hash'] },
        update: { rows: 'everyone', columns: ['password_hash'] },
      },
    },
  },
  staff_session: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        select: { rows: 'own-staff-session', columns: '*' },
        insert: {
          rows: 'own-staff-session',
          columns: [
            'id',
            'staff_user_id',
            'rotation',
            'user_agent',
            'address',
            'created_at',
            'rotated_at',
            'expires_at',
          ],
        },
        update: {
          rows: 'own-staff-session',
          columns: [
            'rotation',
            'rotated_at',
            'expires_at',
            'revoked_at',
            'revoked_for',
            'user_agent',
            'address',
          ],
        },
      },
    },
  },
  partner_user: {
    marketKey: null,
    roles: {
      bulkhead_partner_gate: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['id', 'email', 'password_hash', 'created_at'] },
        update: { rows: 'own-person', columns: ['password_hash'] },
      },
    },
  },
  partner_throttle: {
    marketKey: null,
    roles: {
      bulkhead_partner_gate: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['key', 'points', 'expire'] },
        update: { rows: 'everyone', columns: ['points', 'expire'] },
        delete: { rows: 'everyone', columns: '*' },
      },
    },
  },
  admin_throttle: {
    marketKey: null,
    roles: {
      bulkhead_admin_gate: {
        select: { rows: 'everyone', columns: '*' },
        insert: { rows: 'everyone', columns: ['key', 'points', 'expire'] },
        update: { rows: 'everyone', columns: ['points', 'expire'] },
        delete: { rows: 'everyone', columns: '*' },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
