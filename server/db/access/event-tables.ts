import type { TableAccess } from './declaration.ts';
import { marketReads, staffReads } from './reads.ts';

const reads = { bulkhead_partner: marketReads, bulkhead_admin: staffReads } as const;

const figureColumns = ['market_id', 'day', 'kind', 'events'] as const;

/** Events and what is counted of them. Portals read; the counting is done by functions of the context's owner. */
export const eventTables = {
  offer_event: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      bulkhead_public: {
        // With RETURNING: what was there already is told from what was written.
        select: { rows: 'public-fresh', columns: ['id'] },
        insert: {
          rows: 'public-event',
          columns: ['market_id', 'id', 'offer_id', 'branch_id', 'kind', 'occurred_at', 'visitor'],
        },
      },
      bulkhead_context: {
        select: { rows: 'signed-market', columns: '*' },
        insert: {
          rows: 'signed-market',
          columns: ['market_id', 'id', 'offer_id', 'branch_id', 'kind', 'occurred_at'],
        },
      },
    },
  },
  rollup_task: {
    marketKey: 'market_id',
    roles: {
      bulkhead_admin: staffReads,
      // Which markets have something to count, for the job that then counts in each one's own context.
      bulkhead_partner_gate: { select: { rows: 'everyone', columns: ['market_id', 'queued_at'] } },
      bulkhead_context: {
        select: { rows: 'market', columns: '*' },
        // From the events' own trigger, whoever wrote the events: each names the market that it belongs to.
        insert: { rows: 'everyone', columns: ['market_id', 'id', 'hour'] },
        delete: { rows: 'market', columns: '*' },
      },
      bulkhead_statistics: { select: { rows: 'everyone', columns: ['market_id', 'hour'] } },
    },
  },
  event_day: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      bulkhead_context: {
        select: { rows: 'market', columns: '*' },
        insert: { rows: 'market', columns: [...figureColumns, 'offer_id', 'branch_id'] },
        delete: { rows: 'market', columns: '*' },
      },
      bulkhead_statistics: {
        select: { rows: 'everyone', columns: [...figureColumns, 'offer_id'] },
      },
    },
  },
  event_hour: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      bulkhead_context: {
        select: { rows: 'market', columns: '*' },
        insert: { rows: 'market', columns: [...figureColumns, 'hour'] },
        delete: { rows: 'market', columns: '*' },
      },
    },
  },
  event_part: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      // Through the triggers of event_day, whose statements are the context owner's.
      bulkhead_context: {
        select: { rows: 'market', columns: '*' },
        insert: { rows: 'market', columns: [...figureColumns, 'part', 'part_id'] },
        update: { rows: 'market', columns: ['events'] },
        delete: { rows: 'market', columns: '*' },
      },
    },
  },
  claim_cohort: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      bulkhead_context: {
        select: { rows: 'market', columns: '*' },
        insert: { rows: 'market', columns: ['market_id', 'first', 'month', 'shoppers'] },
        delete: { rows: 'market', columns: '*' },
      },
    },
  },
  rollup_state: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      // Which markets have figures, for the job that checks each in its own context.
      bulkhead_partner_gate: { select: { rows: 'everyone', columns: ['market_id'] } },
      bulkhead_context: {
        select: { rows: 'market', columns: '*' },
        insert: { rows: 'market', columns: ['market_id', 'time_zone'] },
        update: { rows: 'market', columns: ['time_zone', 'rolled_at', 'checked_at', 'differences'] },
      },
    },
  },
  event_intake: {
    marketKey: 'market_id',
    roles: {
      ...reads,
      bulkhead_partner_gate: {
        select: { rows: 'public-market', columns: '*' },
        insert: { rows: 'public-market', columns: ['market_id', 'day', 'outcome', 'events'] },
        update: { rows: 'public-market', columns: ['events'] },
      },
    },
  },
  export_schedule: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        ...marketReads,
        insert: {
          rows: 'market-manager',
          columns: ['market_id', 'id', 'subject', 'format', 'cadence', 'member_id', 'created_at', 'next_at'],
        },
        update: { rows: 'market-manager', columns: ['next_at', 'sent_at', 'failure'] },
        delete: { rows: 'market-manager', columns: '*' },
      },
      bulkhead_admin: staffReads,
      // Which files are due, for the job that then works as the member who asked for them.
      bulkhead_partner_gate: {
        select: { rows: 'everyone', columns: ['market_id', 'id', 'member_id', 'next_at'] },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
