import type { Mutation } from './mutations.ts';

/** Guards of the audit trail's chain. What tampering past them leaves behind is found by test/db/audit-tampering.test.ts. */
export const auditMutations: Mutation[] = [
  {
    name: 'links of all markets are everybody’s to read',
    sql: 'alter policy partner_select on audit_link using (true)',
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^select audit_link/,
  },
  {
    name: 'heads of all markets are everybody’s to read',
    sql: 'alter policy partner_select on audit_head using (true)',
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^select audit_head/,
  },
  {
    name: 'a market may write links of its own',
    sql: `create policy partner_insert on audit_link for insert to bulkhead_partner with check (market_id = (select app.market_id()));
      grant insert on audit_link to bulkhead_partner`,
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^insert audit_link/,
  },
  {
    name: 'a market may set its own head back',
    sql: `create policy partner_update on audit_head for update to bulkhead_partner using (market_id = (select app.market_id()));
      grant update on audit_head to bulkhead_partner`,
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^update audit_head/,
  },
];
