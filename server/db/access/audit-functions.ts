import type { AppFunction } from './functions.ts';

const chain = (
  executors: AppFunction['executors'],
  { definer = true, path = true, volatility = 'v' as AppFunction['volatility'] } = {},
): AppFunction => ({ owner: 'bulkhead_chain', definer, volatility, path, executors });
const inner = { definer: false };

/** What chains entries of the audit trail, keeps them, and lets go of those that a checkpoint stands for. */
export const auditFunctions: Readonly<Record<string, AppFunction>> = {
  'app.audit_digest(bytea,text[])': chain([], { definer: false, path: false, volatility: 'i' }),
  'app.link_entry(audit_entry)': chain([], inner),
  'app.link_platform_entry(platform_audit_entry)': chain([], inner),
  'app.chain_entry()': chain(['bulkhead_owner']),
  'app.chain_platform_entry()': chain(['bulkhead_owner']),
  'app.keep_trail()': chain(['bulkhead_owner'], inner),
  'app.keep_unproved()': chain(['bulkhead_owner']),
  'app.prune_audit(uuid,integer)': chain(['bulkhead_admin_gate']),
};
