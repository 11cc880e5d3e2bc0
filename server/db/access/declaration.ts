import { auditTables } from './audit-tables.ts';
import { decoyTables } from './decoy-tables.ts';
import { deviceTables } from './device-tables.ts';
import { eventTables } from './event-tables.ts';
import { isolationTables } from './isolation-tables.ts';
import { marketTables } from './market-tables.ts';
import { messageTables } from './message-tables.ts';
import { offerTables } from './offer-tables.ts';
import { planTables } from './plan-tables.ts';
import type { Predicate } from './predicates.ts';
import { receiptTables } from './receipt-tables.ts';
import { sharedTables } from './shared-tables.ts';
import { shopperTables } from './shopper-tables.ts';
import { supportTables } from './support-tables.ts';
import { syncTables } from './sync-tables.ts';

/**
 * A database role that holds grants. All log in but `bulkhead_context`, who owns the functions of the context,
 * `bulkhead_statistics`, who owns the one that looks across markets to publish benchmarks, `bulkhead_limits`, who owns
 * those that count what plans limit, `bulkhead_sync`, who owns those that note what tills are told and decide what they
 * hand in, `bulkhead_messenger`, who owns those that move messages, `bulkhead_chain`, who owns those that chain the audit
 * trail, and `bulkhead_decoy`, who plants the decoy market.
 */
export type Role =
  | 'bulkhead_admin'
  | 'bulkhead_partner'
  | 'bulkhead_public'
  | 'bulkhead_device'
  | 'bulkhead_admin_gate'
  | 'bulkhead_partner_gate'
  | 'bulkhead_context'
  | 'bulkhead_statistics'
  | 'bulkhead_limits'
  | 'bulkhead_sync'
  | 'bulkhead_messenger'
  | 'bulkhead_chain'
  | 'bulkhead_decoy';

export type Command = 'select' | 'insert' | 'update' | 'delete';

/**
 * What one role may do to one table with one command: the rows it may touch and, for insert and update, the
 * columns it may write (`*` = every column, for select only). `after` is the condition that an updated row
 * has to meet, where it differs from the one that chose the row.
 */
export interface Rule {
  readonly rows: Predicate;
  readonly after?: Predicate;
  readonly columns: readonly string[] | '*';
}

export type RoleRules = Partial<Record<Command, Rule>>;

export interface TableAccess {
  /** The column that holds the market, or null for a table that all markets share. */
  readonly marketKey: 'market_id' | 'id' | null;
  readonly roles: Partial<Record<Role, RoleRules>>;
}

/**
 * The declared policies and grants of every table. Migrations are written from it, the boot guard holds the
 * database against it, and the policy table test walks it: a table that is missing here fails all three.
 */
export const access: Readonly<Record<string, TableAccess>> = {
  ...sharedTables,
  ...marketTables,
  ...offerTables,
  ...shopperTables,
  ...eventTables,
  ...messageTables,
  ...planTables,
  ...deviceTables,
  ...syncTables,
  ...receiptTables,
  ...supportTables,
  ...isolationTables,
  ...auditTables,
  ...decoyTables,
};
