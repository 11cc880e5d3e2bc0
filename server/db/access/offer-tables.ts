import type { TableAccess } from './declaration.ts';
import { planted } from './decoy-tables.ts';
import { offerAtTill, offerContent, offerShown } from './market-columns.ts';
import { marketReads, staffReads } from './reads.ts';

/** Offers with what hangs on them: a market's managers write them, staff decide, shoppers see what is live. */
export const offerTables = {
  image: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        insert: {
          rows: 'market-manager',
          columns: ['market_id', 'id', 'width', 'height', 'bytes', 'digest', 'created_at'],
        },
        delete: { rows: 'market-manager', columns: '*' },
      },
      bulkhead_admin: staffReads,
      bulkhead_public: { select: { rows: 'public-offer-picture', columns: '*' } },
    },
  },
  offer: {
    marketKey: 'market_id',
    roles: {
      bulkhead_decoy: planted([
        ...[
          'market_id',
          'id',
          'title_en',
          'title_ar',
          'text_en',
          'text_ar',
          'price',
          'currency',
          'updated_at',
        ],
      ]),
      bulkhead_partner: {
        ...marketReads,
        insert: { rows: 'market-manager', columns: ['market_id', 'id', 'created_at', ...offerContent] },
        update: { rows: 'market-manager', columns: offerContent },
        delete: { rows: 'market-draft', columns: '*' },
      },
      bulkhead_admin: {
        ...staffReads,
        update: {
          rows: 'operator',
          columns: ['decision', 'decision_digest', 'decision_reason', 'decided_at', 'updated_at'],
        },
      },
      bulkhead_public: { select: { rows: 'public-offer', columns: offerShown } },
      bulkhead_context: {
        select: {
          rows: 'signed-market',
          columns: [
            'market_id',
            'id',
            'state',
            'starts_at',
            'ends_at',
            'claim_limit',
            'claim_limit_per_shopper',
            'title_en',
            'title_ar',
            'price',
            'currency',
          ],
        },
      },
      bulkhead_statistics: {
        select: { rows: 'everyone', columns: ['market_id', 'id', 'category_id'] },
      },
      bulkhead_messenger: {
        select: { rows: 'signed-market', columns: ['market_id', 'id', 'state', 'starts_at', 'ends_at'] },
      },
      bulkhead_limits: { select: { rows: 'everyone', columns: ['market_id', 'state', 'ends_at'] } },
      // Not its submission, its verdict, its key of an import.
      bulkhead_device: { select: { rows: 'device-offer', columns: offerAtTill } },
      bulkhead_sync: { select: { rows: 'everyone', columns: ['market_id', 'id', 'state'] } },
    },
  },
  offer_branch: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        insert: { rows: 'market-manager', columns: ['market_id', 'offer_id', 'branch_id'] },
        delete: { rows: 'market-manager', columns: '*' },
      },
      bulkhead_admin: staffReads,
      bulkhead_public: { select: { rows: 'public-offer-part', columns: '*' } },
      bulkhead_sync: { select: { rows: 'everyone', columns: '*' } },
    },
  },
  offer_decision: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: marketReads,
      bulkhead_admin: {
        ...staffReads,
        insert: {
          rows: 'operator',
          columns: [
            'market_id',
            'id',
            'offer_id',
            'decision',
            'reason',
            'content_digest',
            'content',
            'decided_by',
            'decided_at',
          ],
        },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
