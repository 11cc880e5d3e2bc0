import { inFunction, type Mutation } from './mutations.ts';
import { MARKET, PUBLIC, using } from './public-mutations.ts';

const RECENT = `occurred_at > current_timestamp - interval '7 days' and occurred_at < current_timestamp + interval '5 minutes'`;
const checking = (policy: string, table: string, condition: string): string =>
  `alter policy ${policy} on ${table} with check (${condition})`;

/** What guards shoppers, their claims and what keys may write. */
export const shopperMutations: Mutation[] = [
  {
    name: 'a key reads other keys',
    sql: using('public_select', 'publishable_key', MARKET),
    at: [PUBLIC, 'amber key'],
    breach: /^select publishable_key .* gave "rows \S+ \S/,
  },
  {
    name: 'shoppers see each other',
    sql: using('public_select', 'shopper', MARKET),
    at: [PUBLIC, 'another amber shopper'],
    breach: /^select shopper .* gave "rows \S+ \S/,
  },
  {
    name: 'a key reads e-mails',
    sql: using('public_select', 'shopper_contact', MARKET),
    at: [PUBLIC, 'amber key'],
    breach: /^select shopper_contact .* gave "rows \S/,
  },
  {
    name: 'a shopper of another market finds theirs here',
    sql: using('public_select', 'claim', 'shopper_id = (select app.shopper_id())'),
    at: [PUBLIC, 'basil shopper at amber'],
    breach: /^select claim .* gave "rows \S/,
  },
  {
    name: 'a shopper opts another in',
    sql: `${using('public_select', 'shopper_contact', MARKET)}; ${using('public_update', 'shopper_contact', MARKET)};
      ${checking('public_update', 'shopper_contact', MARKET)}`,
    at: [PUBLIC, 'another amber shopper'],
    breach: /^update shopper_contact .* gave "affected 2/,
  },
  {
    name: 'a session may be begun for anybody',
    sql: checking('public_insert', 'shopper_session', MARKET),
    at: [PUBLIC, 'amber key'],
    breach: /^insert shopper_session .* gave "affected 1/,
  },
  {
    name: 'events of hidden offers are taken',
    sql: checking('public_insert', 'offer_event', `${MARKET} and kind = 'view' and ${RECENT}`),
    at: [PUBLIC, 'amber key, offer ended'],
    breach: /^insert offer_event .* gave "affected 1/,
  },
  {
    name: 'events at hidden branches are taken',
    sql: checking(
      'public_insert',
      'offer_event',
      `${MARKET} and kind = 'view' and ${RECENT} and offer_id in (select id from offer)`,
    ),
    at: [PUBLIC, 'amber key, branch closed'],
    breach: /^insert offer_event .* gave "affected 1/,
  },
  {
    name: 'a key writes the audit trail in another’s name',
    sql: checking('public_insert', 'audit_entry', MARKET),
    at: [PUBLIC, 'amber key'],
    breach: /^insert audit_entry .* gave "affected 1/,
  },
  {
    name: 'a partner reads e-mails of those who have not opted in',
    sql: using('partner_select', 'shopper_contact', `market_id = (select app.market_id_as('manager'))`),
    at: ['bulkhead_partner', 'amber manager'],
    breach: /^select shopper_contact .* gave "rows \S+ \S/,
  },
  {
    name: 'an analyst reads e-mails',
    sql: using(
      'partner_select',
      'shopper_contact',
      'market_id = (select app.market_id()) and opted_in_at is not null',
    ),
    at: ['bulkhead_partner', 'amber analyst'],
    breach: /^select shopper_contact .* gave "rows \S/,
  },
  {
    name: 'the gate reads codes of any market',
    sql: using('partner_gate_select', 'shopper_code', 'true'),
    at: ['bulkhead_partner_gate', 'amber visitor'],
    breach: /^select shopper_code .* gave "rows .*marker-basil/,
  },
  {
    name: 'what acts for the signed market acts for all',
    sql: using('context_select', 'claim', 'true'),
    at: ['bulkhead_context', 'amber owner'],
    breach: /^select claim /,
  },
  {
    name: 'a claim may be made in another’s name',
    sql: `${inFunction('take_claim', 'new.shopper_id is distinct from app.shopper_id()', 'false')};
      ${checking('public_insert', 'claim', MARKET)}`,
    at: [PUBLIC, 'amber key'],
    breach: /^insert claim .* gave "affected 1/,
  },
  {
    name: 'limits are asked before whose claim it is',
    sql: inFunction('take_claim', 'new.shopper_id is distinct from app.shopper_id()', 'false'),
    at: [PUBLIC, 'amber key, offer ended'],
    breach: /^insert claim .* gave "error BH001/,
  },
  {
    name: 'an offer can be claimed after its end',
    sql: inFunction('take_claim', 'and coalesce(offer.ends_at > current_timestamp, true)', ''),
    at: [PUBLIC, 'another amber shopper, offer ended'],
    breach: /^insert claim .* gave "affected 1", declared is "error BH001/,
  },
  {
    name: 'an offer can be claimed before it begins',
    sql: inFunction('take_claim', 'and coalesce(offer.starts_at <= current_timestamp, true)', ''),
    at: [PUBLIC, 'another amber shopper, offer scheduled'],
    breach: /^insert claim .* gave "affected 1", declared is "error BH001/,
  },
  {
    name: 'a shopper may claim again and again',
    sql: inFunction('take_claim', 'asked.each <=', '1000 <='),
    at: [PUBLIC, 'another amber shopper, had theirs'],
    breach: /^insert claim .* gave "affected 1", declared is "error BH003/,
  },
];
