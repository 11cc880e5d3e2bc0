import type { TableAccess } from './declaration.ts';
import { marketReads, messengerContact, staffReads } from './reads.ts';

const content = ['offer_id', 'channels', 'claimed_days', 'locale'] as const;

const movement = [
  'state',
  'period',
  'attempt_id',
  'attempts',
  'attempted_at',
  'provider_digest',
  'opt_out_digest',
  'reason',
  'sent_at',
  'delivered_at',
  'read_at',
  'settled_at',
  'resolved_by',
  'resent',
] as const;

/** What of a message leads to a person. */
const personal = ['shopper_id', 'provider_digest', 'opt_out_digest'] as const;

/**
 * Messages to shoppers. A page writes drafts and nothing else: who receives one, and what has become of it, is
 * written by functions of the messenger, which choose among those who opted in.
 */
export const messageTables = {
  shopper_phone: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: { select: { rows: 'market-opted-in', columns: '*' } },
      bulkhead_admin: staffReads,
      bulkhead_public: {
        select: { rows: 'of-shopper', columns: '*' },
        insert: { rows: 'of-shopper', columns: ['market_id', 'shopper_id', 'phone', 'opted_in_at'] },
        update: { rows: 'of-shopper', columns: ['phone', 'opted_in_at'] },
        delete: { rows: 'of-shopper', columns: '*' },
      },
      bulkhead_context: {
        select: { rows: 'of-shopper', columns: '*' },
        delete: { rows: 'of-shopper', columns: '*' },
      },
      bulkhead_messenger: messengerContact,
    },
  },
  message_campaign: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        insert: {
          rows: 'market-manager',
          columns: ['market_id', 'id', ...content, 'member_id', 'created_at'],
        },
        update: { rows: 'market-draft', columns: content },
        delete: { rows: 'market-draft', columns: '*' },
      },
      bulkhead_admin: staffReads,
      // Which are due, for the job that then works under a scope of that market.
      bulkhead_partner_gate: {
        select: { rows: 'everyone', columns: ['market_id', 'id', 'state', 'send_at', 'resume_at'] },
      },
      bulkhead_messenger: {
        select: { rows: 'signed-market', columns: '*' },
        update: {
          rows: 'signed-market',
          columns: [
            'state',
            'send_at',
            'size',
            'confirmed_by',
            'confirmed_at',
            'started_at',
            'resume_at',
            'trouble',
            'finished_at',
          ],
        },
      },
    },
  },
  message_recipient: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        // Analysts see counts alone; digests are nobody's to see.
        select: {
          rows: 'market-manager',
          columns: [
            'market_id',
            'id',
            'campaign_id',
            'shopper_id',
            'channel',
            'locale',
            'state',
            'queued_at',
            'attempts',
            'attempted_at',
            'reason',
            'sent_at',
            'delivered_at',
            'read_at',
            'settled_at',
            'resolved_by',
          ],
        },
      },
      bulkhead_admin: staffReads,
      // What was sent to them is theirs to take along.
      bulkhead_public: {
        select: {
          rows: 'of-shopper',
          columns: [
            ...['market_id', 'id', 'shopper_id', 'channel', 'locale', 'state', 'queued_at'],
            ...['sent_at', 'delivered_at', 'read_at'],
          ],
        },
      },
      // Parts a shopper who is deleted from what was sent to them.
      bulkhead_context: {
        select: { rows: 'signed-market', columns: ['market_id', 'id', ...personal] },
        update: { rows: 'signed-market', columns: personal },
      },
      bulkhead_messenger: {
        select: { rows: 'signed-market', columns: '*' },
        insert: {
          rows: 'signed-market',
          columns: ['market_id', 'id', 'campaign_id', 'shopper_id', 'channel', 'locale', 'period'],
        },
        update: { rows: 'signed-market', columns: movement },
      },
      bulkhead_limits: { select: { rows: 'everyone', columns: ['market_id', 'state', 'resent'] } },
    },
  },
} as const satisfies Record<string, TableAccess>;
