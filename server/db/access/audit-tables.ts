import type { TableAccess } from './declaration.ts';
import { marketReads, staffReads } from './reads.ts';

/** What an entry says, whoever writes it. */
const entry = [
  'market_id',
  'id',
  'at',
  'surface',
  'actor_kind',
  'actor_id',
  'actor_name',
  'action',
  'subject_type',
  'subject_id',
  'details',
  'receipt',
] as const;
/** What portals' actors say besides. */
const more = ['on_behalf_of', 'support_session_id', 'changes'] as const;
const platformEntry = [
  'surface',
  'actor_kind',
  'id',
  'at',
  'action',
  'subject_type',
  'subject_id',
  'details',
  'receipt',
] as const;
const everyone = { rows: 'everyone', columns: '*' } as const;
const link = ['seq', 'entry_id', 'prev_hash', 'hash'] as const;
const checkpoint = ['seq', 'hash', 'payload', 'key_id', 'signature'] as const;

/** Heads, for who anchors them; `bulkhead_chain` alone moves them, in the transaction of the entry. */
const heads = (key: readonly string[]) =>
  ({
    bulkhead_admin: staffReads,
    bulkhead_admin_gate: { select: everyone },
    bulkhead_chain: {
      select: everyone,
      insert: { rows: 'everyone', columns: [...key, 'seq', 'hash'] },
      update: { rows: 'everyone', columns: ['seq', 'hash'] },
    },
  }) as const satisfies TableAccess['roles'];
const links = (key: readonly string[]) =>
  ({
    bulkhead_admin: staffReads,
    bulkhead_admin_gate: { select: everyone },
    bulkhead_chain: {
      select: everyone,
      insert: { rows: 'everyone', columns: [...key, ...link] },
      delete: everyone,
    },
  }) as const satisfies TableAccess['roles'];
/** Where a chain begins since older entries were let go. Whoever writes one that is not signed is found. */
const checkpoints = (key: readonly string[]) =>
  ({
    bulkhead_admin: staffReads,
    bulkhead_admin_gate: { select: everyone, insert: { rows: 'everyone', columns: [...key, ...checkpoint] } },
    bulkhead_chain: { select: everyone },
  }) as const satisfies TableAccess['roles'];

/** Who did what, the chain that holds it together, and what was proved of it. Nobody may change any of it. */
export const auditTables = {
  audit_entry: {
    marketKey: 'market_id',
    roles: {
      bulkhead_partner: { ...marketReads, insert: { rows: 'own-audit', columns: [...entry, ...more] } },
      bulkhead_admin: { ...staffReads, insert: { rows: 'own-staff-audit', columns: [...entry, ...more] } },
      bulkhead_public: { insert: { rows: 'own-public-audit', columns: [...entry, 'changes'] } },
      // In a till's name: app.settle_redemptions().
      bulkhead_sync: { insert: { rows: 'signed-market', columns: [...entry, 'on_behalf_of', 'changes'] } },
      bulkhead_device: { insert: { rows: 'own-device-audit', columns: entry } },
      // Before there is a scope, and where there is none to write in: pairings, invitations, support sessions.
      bulkhead_context: { insert: { rows: 'everyone', columns: [...entry, ...more] } },
      // What is to be kept no longer: app.prune_audit().
      bulkhead_chain: { select: everyone, delete: everyone },
    },
  },
  audit_link: {
    marketKey: 'market_id',
    roles: { bulkhead_partner: marketReads, ...links(['market_id']) },
  },
  audit_head: {
    marketKey: 'market_id',
    roles: { bulkhead_partner: marketReads, ...heads(['market_id']) },
  },
  audit_checkpoint: {
    marketKey: 'market_id',
    roles: { bulkhead_partner: marketReads, ...checkpoints(['market_id']) },
  },
  platform_audit_entry: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        ...staffReads,
        insert: { rows: 'own-staff-session', columns: ['staff_user_id', ...platformEntry, ...more] },
      },
      // Before anybody has signed in there is nobody to name: they have no right to the column that would.
      bulkhead_admin_gate: { insert: { rows: 'everyone', columns: [...platformEntry, 'changes'] } },
      bulkhead_partner_gate: {
        insert: { rows: 'everyone', columns: [...platformEntry, 'support_session_id'] },
      },
      bulkhead_chain: { select: everyone, delete: everyone },
    },
  },
  platform_audit_link: { marketKey: null, roles: links([]) },
  platform_audit_head: { marketKey: null, roles: heads(['id']) },
  platform_audit_checkpoint: { marketKey: null, roles: checkpoints([]) },
  audit_anchor: {
    marketKey: null,
    roles: {
      bulkhead_admin: staffReads,
      bulkhead_admin_gate: {
        select: everyone,
        insert: { rows: 'everyone', columns: ['n', 'at', 'heads', 'digest', 'is_copied'] },
      },
    },
  },
  audit_check: {
    marketKey: null,
    roles: {
      bulkhead_admin: {
        ...staffReads,
        insert: {
          rows: 'own-staff-session',
          columns: ['id', 'staff_user_id', 'started_at', 'finished_at', 'chains', 'entries', 'findings'],
        },
      },
    },
  },
} as const satisfies Record<string, TableAccess>;
