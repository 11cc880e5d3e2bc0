import type { Mutation } from './mutations.ts';

/** Guards of what plans limit. That too many get in without the counters is shown in test/faults/plan-limits.test.ts. */
export const planMutations: Mutation[] = [
  {
    name: 'counters are everybody’s to read',
    sql: 'alter policy partner_select on limit_use using (true)',
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^select limit_use/,
  },
  {
    name: 'a market may write its own counter',
    sql: `create policy partner_update on limit_use for update to bulkhead_partner using (market_id = (select app.market_id()));
      grant update on limit_use to bulkhead_partner`,
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^update limit_use/,
  },
  {
    name: 'limits of single markets are everybody’s to read',
    sql: 'alter policy partner_select on limit_override using (true)',
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^select limit_override/,
  },
  {
    name: 'support changes plans',
    sql: 'alter policy admin_update on plan using (app.is_staff()) with check (app.is_staff())',
    at: ['bulkhead_admin', 'support'],
    breach: /^update plan /,
  },
];
