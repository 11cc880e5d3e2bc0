import type { Mutation } from './mutations.ts';

const TILL = 'bulkhead_device';
const MARKET = 'market_id = (select app.device_market_id())';
const using = (table: string, condition: string, policy = 'device_select'): string =>
  `alter policy ${policy} on ${table} using (${condition})`;

/** What guards what a till sees of its market, and what it hands in. */
export const syncMutations: Mutation[] = [
  {
    name: 'a till sees live offers of other branches',
    sql: using('offer', `${MARKET} and state = 'live'`),
    at: [TILL, 'amber till, its offers elsewhere'],
    breach: /^select offer .* gave "rows \S+ \S/,
  },
  {
    name: 'a till sees offers that are not live',
    sql: using(
      'offer',
      `${MARKET} and (select true from sync_reach as r where r.market_id = offer.market_id and r.offer_id = offer.id limit 1)`,
    ),
    at: [TILL, 'amber till of another branch'],
    breach: /^select offer .* gave "rows \S+ \S/,
  },
  {
    name: 'a till sees claims of other branches',
    sql: using('claim', MARKET),
    at: [TILL, 'amber till, its offers elsewhere'],
    breach: /^select claim .* gave "rows \S+ \S/,
  },
  {
    name: 'where an offer held once counts as where it holds',
    sql: using(
      'claim',
      `${MARKET} and (select true from sync_reach as r where r.market_id = claim.market_id and r.offer_id = claim.offer_id limit 1)`,
    ),
    at: [TILL, 'amber till, its offers elsewhere'],
    breach: /^select claim .* gave "rows \S+ \S/,
  },
  {
    name: 'a till is told of changes at other branches',
    sql: using('sync_change', MARKET),
    at: [TILL, 'amber till'],
    breach: /^select sync_change .* gave "rows \S+ \S/,
  },
  {
    name: 'a till is told of changes in other markets',
    sql: using('sync_change', `collection = 'market' or ${MARKET}`),
    at: [TILL, 'amber till'],
    breach: /^select sync_change .* gave "rows \S+ \S/,
  },
  {
    name: 'a till sees where else offers hold',
    sql: using('sync_reach', MARKET),
    at: [TILL, 'amber till'],
    breach: /^select sync_reach .* gave "rows \S+ \S/,
  },
  {
    name: 'a till sees what another till has redeemed',
    sql: using('redemption', MARKET),
    at: [TILL, 'amber till'],
    breach: /^select redemption .* gave "rows \S+ \S/,
  },
  {
    name: 'a till hands in for another branch',
    sql: `alter policy device_insert on redemption with check (${MARKET} and device_id = (select app.device_id()))`,
    at: [TILL, 'amber till of another branch'],
    breach: /^insert redemption .* gave "affected 1", declared is "error 42501"/,
  },
  {
    name: 'a till that was revoked hands in',
    sql: 'alter policy device_insert on redemption with check (device_id = (select app.device_id()))',
    at: [TILL, 'amber till, revoked meanwhile'],
    breach: /^insert redemption .* declared is "error 42501"/,
  },
  {
    name: 'a till sees another till’s lease',
    sql: using('quota_lease', MARKET),
    at: [TILL, 'amber till'],
    breach: /^select quota_lease .* gave "rows \S+ \S/,
  },
  {
    name: 'an analyst decides conflicts',
    sql: `alter policy partner_update on redemption using (market_id = (select app.market_id()))
      with check (market_id = (select app.market_id()))`,
    at: ['bulkhead_partner', 'amber analyst'],
    breach: /^update redemption/,
  },
];
