import type { TableAccess } from './declaration.ts';
import { planted } from './decoy-tables.ts';
import { marketReads, messengerContact, staffReads } from './reads.ts';

/** Tables of the public surface: the keys that open it, shoppers, and what they claim. */
export const shopperTables = {
  publishable_key: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        insert: {
          rows: 'market-manager',
          columns: ['market_id', 'id', 'name', 'origins', 'created_by', 'created_at', 'expires_at'],
        },
        update: { rows: 'market-manager', columns: ['name', 'origins', 'expires_at', 'revoked_at'] },
      },
      bulkhead_admin: staffReads,
      bulkhead_public: {
        // Not who in the team made it, and when.
        select: {
          rows: 'own-key',
          columns: ['market_id', 'id', 'name', 'origins', 'expires_at', 'revoked_at', 'last_used_at'],
        },
        update: { rows: 'own-key', columns: ['last_used_at'] },
      },
      bulkhead_context: {
        select: { rows: 'everyone', columns: ['market_id', 'id', 'expires_at', 'revoked_at'] },
      },
    },
  },
  shopper: {
    marketKey: 'market_id',
    roles: {
      bulkhead_decoy: planted(['market_id', 'id']),
      bulkhead_partner: marketReads,
      bulkhead_admin: staffReads,
      bulkhead_public: {
        select: { rows: 'own-shopper', columns: '*' },
        update: { rows: 'own-shopper', columns: ['locale'] },
      },
      bulkhead_partner_gate: {
        select: { rows: 'public-market', columns: '*' },
        insert: { rows: 'public-market', columns: ['market_id', 'id', 'locale', 'created_at'] },
      },
      bulkhead_context: {
        select: { rows: 'own-shopper', columns: '*' },
        delete: { rows: 'own-shopper', columns: '*' },
      },
      bulkhead_messenger: {
        select: { rows: 'signed-market', columns: ['market_id', 'id', 'locale'] },
      },
    },
  },
  shopper_contact: {
    marketKey: 'market_id',
    roles: {
      bulkhead_decoy: planted(['market_id', 'shopper_id', 'email', 'opted_in_at']),
      bulkhead_partner: { select: { rows: 'market-opted-in', columns: '*' } },
      bulkhead_admin: staffReads,
      bulkhead_public: {
        select: { rows: 'of-shopper', columns: '*' },
        update: { rows: 'of-shopper', columns: ['opted_in_at'] },
      },
      bulkhead_partner_gate: {
        select: { rows: 'public-market', columns: '*' },
        insert: { rows: 'public-market', columns: ['market_id', 'shopper_id', 'email'] },
      },
      bulkhead_context: {
        select: { rows: 'of-shopper', columns: '*' },
        delete: { rows: 'of-shopper', columns: '*' },
      },
      bulkhead_messenger: messengerContact,
    },
  },
  shopper_code: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner_gate: {
        select: { rows: 'public-market', columns: '*' },
        insert: {
          rows: 'public-market',
          columns: ['market_id', 'email_digest', 'code_digest', 'failures', 'created_at', 'expires_at'],
        },
        update: { rows: 'public-market', columns: ['code_digest', 'failures', 'created_at', 'expires_at'] },
        delete: { rows: 'public-market', columns: '*' },
      },
    },
  },
  shopper_session: {
    marketKey: 'market_id',
    roles: {
      bulkhead_public: {
        select: { rows: 'of-shopper', columns: '*' },
        insert: {
          rows: 'of-shopper',
          columns: ['market_id', 'id', 'shopper_id', 'created_at', 'expires_at'],
        },
        update: { rows: 'of-shopper', columns: ['revoked_at'] },
      },
      bulkhead_context: {
        select: { rows: 'of-shopper', columns: '*' },
        delete: { rows: 'of-shopper', columns: '*' },
      },
    },
  },
  offer_claims: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: marketReads,
      bulkhead_admin: staffReads,
      bulkhead_public: { select: { rows: 'public-offer-count', columns: '*' } },
      bulkhead_context: {
        select: { rows: 'signed-market', columns: '*' },
        insert: { rows: 'signed-market', columns: ['market_id', 'offer_id'] },
        update: { rows: 'signed-market', columns: ['claimed'] },
      },
    },
  },
  claim: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        // Everybody in the team may redeem; the trigger lets nothing else happen to a claim.
        update: { rows: 'market', columns: ['state', 'branch_id'] },
      },
      bulkhead_admin: staffReads,
      bulkhead_public: {
        select: { rows: 'of-shopper', columns: '*' },
        insert: { rows: 'of-shopper', columns: ['market_id', 'id', 'offer_id', 'shopper_id'] },
      },
      bulkhead_context: {
        select: { rows: 'signed-market', columns: '*' },
        update: { rows: 'signed-market', columns: ['shopper_id'] },
        delete: { rows: 'signed-market', columns: '*' },
      },
      // Not whose it is, and not where or by whom it was redeemed.
      bulkhead_device: {
        select: {
          rows: 'device-claim',
          columns: [
            'market_id',
            'id',
            'offer_id',
            'code',
            'state',
            'title_en',
            'title_ar',
            'price',
            'currency',
            'claimed_at',
            'expires_at',
            'redeemed_at',
          ],
        },
      },
      bulkhead_sync: {
        select: {
          rows: 'everyone',
          columns: [
            'market_id',
            'id',
            'offer_id',
            'code',
            'state',
            'claimed_at',
            'expires_at',
            'redeemed_at',
            'branch_id',
            'device_id',
          ],
        },
        update: { rows: 'signed-market', columns: ['state', 'redeemed_at', 'branch_id', 'device_id'] },
      },
      bulkhead_messenger: {
        select: { rows: 'signed-market', columns: ['market_id', 'shopper_id', 'claimed_at'] },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
