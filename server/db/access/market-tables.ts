import type { TableAccess } from './declaration.ts';
import { planted } from './decoy-tables.ts';
import { branchContent, importProgress, invitation, marketSettings } from './market-columns.ts';
import { marketReads, staffReads } from './reads.ts';

/** Tables whose rows belong to a market. No role may update the market column, and none may truncate. */
export const marketTables = {
  market: {
    marketKey: 'id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        update: { rows: 'market-owner', columns: [...marketSettings, 'support_consent'] },
      },
      bulkhead_admin: {
        ...staffReads,
        insert: {
          rows: 'operator',
          columns: [
            'id',
            'slug',
            'state',
            'state_reason',
            'plan_id',
            'time_zone',
            'currency',
            'is_demo',
            'created_at',
            'support_consent',
            ...marketSettings,
          ],
        },
        update: {
          rows: 'operator',
          columns: ['state', 'state_reason', 'plan_id', 'time_zone', ...marketSettings],
        },
      },
      bulkhead_partner_gate: {
        select: { rows: 'member-market', columns: ['id', 'slug', 'name_en', 'name_ar', 'state'] },
      },
      bulkhead_public: {
        select: {
          rows: 'public-market',
          columns: ['id', 'slug', 'name_en', 'name_ar', 'state', 'locale', 'time_zone', 'currency'],
        },
      },
      bulkhead_device: {
        select: {
          rows: 'device-market',
          columns: ['id', 'slug', 'name_en', 'name_ar', 'state', 'locale', 'time_zone', 'currency'],
        },
      },
      bulkhead_context: {
        select: {
          rows: 'everyone',
          columns: ['id', 'name_en', 'name_ar', 'state', 'slug', 'time_zone', 'support_consent'],
        },
      },
      bulkhead_sync: { select: { rows: 'everyone', columns: ['id', 'time_zone'] } },
      bulkhead_statistics: {
        select: { rows: 'everyone', columns: ['id', 'state', 'is_demo', 'created_at'] },
      },
      bulkhead_messenger: { select: { rows: 'signed-market', columns: ['id', 'state', 'time_zone'] } },
      bulkhead_decoy: planted([
        ...['id', 'slug', 'name_en', 'name_ar', 'state', 'plan_id', 'locale', 'time_zone', 'currency'],
        'updated_at',
      ]),
      bulkhead_limits: { select: { rows: 'everyone', columns: ['id', 'plan_id', 'time_zone'] } },
    },
  },
  team_member: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        insert: {
          rows: 'market-owner',
          columns: invitation,
        },
        update: {
          rows: 'market-owner',
          columns: ['name', 'role', 'state', 'invitation_digest', 'invited_at', 'invitation_ends_at'],
        },
      },
      bulkhead_admin: {
        ...staffReads,
        insert: {
          rows: 'operator',
          columns: invitation,
        },
        update: {
          rows: 'operator',
          columns: ['state', 'invitation_digest', 'invited_at', 'invitation_ends_at'],
        },
      },
      bulkhead_partner_gate: {
        select: {
          rows: 'own-membership',
          columns: ['market_id', 'id', 'user_id', 'name', 'role', 'state', 'locale'],
        },
      },
      bulkhead_context: {
        select: { rows: 'invited', columns: '*' },
        update: {
          rows: 'invited',
          after: 'everyone',
          columns: ['user_id', 'state', 'joined_at', 'invitation_digest', 'invitation_ends_at'],
        },
      },
      // Which markets belong to the same people, and so count once.
      bulkhead_statistics: {
        select: { rows: 'everyone', columns: ['market_id', 'user_id'] },
      },
      bulkhead_limits: { select: { rows: 'everyone', columns: ['market_id', 'state'] } },
    },
  },
  partner_session: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        select: { rows: 'own-session', columns: '*' },
        insert: {
          rows: 'own-session',
          columns: [
            'market_id',
            'id',
            'member_id',
            'rotation',
            'user_agent',
            'address',
            'created_at',
            'rotated_at',
            'expires_at',
          ],
        },
        update: {
          rows: 'own-session',
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
  branch: {
    marketKey: 'market_id',
    roles: {
      bulkhead_decoy: planted(['market_id', 'id', 'name_en', 'name_ar', 'phone', 'updated_at']),
      bulkhead_partner: {
        ...marketReads,
        insert: { rows: 'market-manager', columns: ['market_id', 'id', 'created_at', ...branchContent] },
        update: { rows: 'market-manager', columns: branchContent },
      },
      bulkhead_admin: staffReads,
      bulkhead_public: { select: { rows: 'public-branch', columns: '*' } },
      bulkhead_limits: { select: { rows: 'everyone', columns: ['market_id', 'state'] } },
      bulkhead_device: { select: { rows: 'device-branch', columns: '*' } },
      bulkhead_sync: { select: { rows: 'everyone', columns: ['market_id', 'id'] } },
    },
  },
  import_job: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        insert: {
          rows: 'market-manager',
          columns: ['market_id', 'id', 'file_name', 'headers', 'member_id', 'created_at', ...importProgress],
        },
        update: { rows: 'market-manager', columns: importProgress },
      },
      bulkhead_admin: staffReads,
    },
  },
  import_error: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        insert: {
          rows: 'market-manager',
          columns: ['market_id', 'id', 'import_id', 'row', 'column', 'value', 'code'],
        },
        delete: { rows: 'market-manager', columns: '*' },
      },
      bulkhead_admin: staffReads,
    },
  },
} as const satisfies Record<string, TableAccess>;
