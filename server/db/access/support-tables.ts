import type { TableAccess } from './declaration.ts';

/** What staff say when they ask to look at a market. Consent is no free choice: the policy holds it to the market's own. */
const request = [
  'market_id',
  'id',
  'staff_user_id',
  'staff_role',
  'reason',
  'ticket',
  'minutes',
  'consent',
] as const;

/** Times and states, for those who end sessions and those who answer requests. */
const progress = ['consent', 'opened_at', 'expires_at', 'ended_at', 'end_reason'] as const;

/** Support sessions: staff who look at one market through the partner process, and never write. */
export const supportTables = {
  support_session: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: {
        // The role of who looks, not the person; and nothing of the way in.
        select: {
          rows: 'market',
          columns: [
            ...['market_id', 'id', 'staff_role', 'reason', 'ticket', 'minutes', 'requested_at', 'decided_at'],
            ...['decided_by', ...progress],
          ],
        },
        update: {
          rows: 'market-manager',
          columns: ['consent', 'decided_at', 'decided_by', 'ended_at', 'end_reason'],
        },
      },
      bulkhead_admin: {
        select: { rows: 'staff', columns: '*' },
        insert: { rows: 'own-support-request', columns: request },
        update: { rows: 'staff', columns: ['code_digest', 'code_ends_at', 'ended_at', 'end_reason'] },
      },
      // app.claims() asks it at each statement of a session; the way in and the end of time are functions of its.
      bulkhead_context: {
        select: { rows: 'everyone', columns: '*' },
        update: {
          rows: 'everyone',
          columns: ['code_digest', 'code_ends_at', 'opened_at', 'expires_at', 'ended_at', 'end_reason'],
        },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
