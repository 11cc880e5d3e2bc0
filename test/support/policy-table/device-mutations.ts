import { inFunction, type Mutation } from './mutations.ts';
import { using } from './public-mutations.ts';

const DEVICE = 'bulkhead_device';
const MARKET = 'market_id = (select app.device_market_id())';
const working = `device.state = 'active' and market.state = 'active'`;

/** What guards tills. */
export const deviceMutations: Mutation[] = [
  {
    name: 'a revoked till still works',
    sql: inFunction('device_market_id', `device.state = 'active' and`, ''),
    at: [DEVICE, 'amber till, revoked meanwhile'],
    breach: /^select market .* gave "rows \S/,
  },
  {
    name: 'a suspended market’s till still works',
    sql: inFunction('device_market_id', working, `device.state = 'active'`),
    at: [DEVICE, 'amber till, market suspended'],
    breach: /^select market .* gave "rows \S/,
  },
  {
    name: 'a till works at any market',
    sql: inFunction('device_market_id', 'device.market_id = part[10]::uuid and', ''),
    at: [DEVICE, 'basil till at amber'],
    breach: /^select market .* gave "rows \S/,
  },
  {
    name: 'a till sees every branch',
    sql: using('device_select', 'branch', MARKET),
    at: [DEVICE, 'amber till'],
    breach: /^select branch .* gave "rows \S+ \S/,
  },
  {
    name: 'tills see each other',
    sql: using('device_select', 'device', MARKET),
    at: [DEVICE, 'amber till'],
    breach: /^select device .* gave "rows \S+ \S/,
  },
  {
    name: 'a till reads pairing codes',
    sql: `create policy device_select on device_pairing for select to ${DEVICE} using (true);
      grant select on device_pairing to ${DEVICE}`,
    at: [DEVICE, 'amber till'],
    breach: /^select device_pairing .* gave "rows \S/,
  },
  {
    name: 'a till uses up another’s challenges',
    sql: `alter policy device_insert on device_spent_id with check (${MARKET})`,
    at: [DEVICE, 'another amber till'],
    breach: /^insert device_spent_id .* gave "affected 1", declared is "error 42501"/,
  },
  {
    name: 'a till forgets what others have used up',
    sql: `${using('device_delete', 'device_spent_id', MARKET)}; ${using('device_select', 'device_spent_id', MARKET)}`,
    at: [DEVICE, 'another amber till'],
    breach: /^delete device_spent_id .* gave "affected [1-9]/,
  },
  {
    name: 'a till writes entries of the portal',
    sql: `alter policy device_insert on audit_entry with check (market_id = (select app.till_market_id()))`,
    at: [DEVICE, 'amber till'],
    breach: /^insert audit_entry .* gave "affected 1", declared is "error 42501"/,
  },
  {
    name: 'a till writes entries in others’ names',
    sql: `alter policy device_insert on audit_entry with check (surface = 'device')`,
    at: [DEVICE, 'amber till'],
    breach: /^insert audit_entry .* gave "affected 1", declared is "error 42501"/,
  },
  {
    name: 'an analyst may revoke',
    sql: `alter policy partner_update on device using (market_id = (select app.market_id()))
      with check (market_id = (select app.market_id()))`,
    at: ['bulkhead_partner', 'amber analyst'],
    breach: /^update device .* gave "affected [1-9]/,
  },
  {
    name: 'an analyst may make codes',
    sql: `alter policy partner_insert on device_pairing with check (market_id = (select app.market_id()))`,
    at: ['bulkhead_partner', 'amber analyst'],
    breach: /^insert device_pairing .* gave "affected 1", declared is "error 42501"/,
  },
];
