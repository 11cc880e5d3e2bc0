import { inFunction, type Mutation } from './mutations.ts';

export const PUBLIC = 'bulkhead_public';
export const MARKET = 'market_id = (select app.public_market_id())';
const SHOWN_OFFER = `${MARKET} and state = 'live' and coalesce(starts_at <= current_timestamp, true)
  and coalesce(ends_at > current_timestamp, true)`;

/** The policy with another condition. */
export const using = (policy: string, table: string, condition: string): string =>
  `alter policy ${policy} on ${table} using (${condition})`;
const thisMonth = `offer_event_${new Date().toISOString().slice(0, 7).replace('-', '_')}`;

/** What guards the storefront. */
export const publicMutations: Mutation[] = [
  {
    name: 'a partition has no row-level security',
    sql: `alter table ${thisMonth} disable row level security`,
    at: ['bulkhead_owner', 'none'],
    breach: new RegExp(`^select ${thisMonth} .* gave "rows \\S`),
  },
  {
    name: 'a partition’s owner is not bound',
    sql: `alter table ${thisMonth} no force row level security`,
    at: ['bulkhead_owner', 'amber key'],
    breach: new RegExp(`^delete ${thisMonth} .* gave "affected [1-9]`),
  },
  {
    name: 'a partition may be read',
    sql: `grant select on ${thisMonth} to ${PUBLIC}`,
    at: [PUBLIC, 'amber key'],
    breach: new RegExp(`^select ${thisMonth} .* gave "rows`),
  },
  {
    name: 'a market’s state is not asked',
    sql: inFunction('public_market_id', `and state = 'active'`, ''),
    at: [PUBLIC, 'amber visitor, market suspended'],
    breach: /^select offer .* gave "rows \S/,
  },
  {
    name: 'a suspended market’s shopper still signs in',
    sql: inFunction('public_market_id', `and state = 'active'`, ''),
    at: [PUBLIC, 'amber shopper, market suspended'],
    breach: /^select shopper_contact .* gave "rows \S/,
  },
  {
    name: 'a revoked key still opens',
    sql: inFunction('public_market_id', 'and revoked_at is null', ''),
    at: [PUBLIC, 'amber key, revoked'],
    breach: /^select offer .* gave "rows \S/,
  },
  {
    name: 'an expired key still opens',
    sql: inFunction('public_market_id', 'and coalesce(expires_at > statement_timestamp(), true)', ''),
    at: [PUBLIC, 'amber key, expired'],
    breach: /^select branch .* gave "rows \S/,
  },
  {
    name: 'a key opens any market',
    sql: inFunction('public_market_id', 'on held.market_id = market.id', 'on true'),
    at: [PUBLIC, 'amber market under the key of basil'],
    breach: /^select offer .* gave "rows \S/,
  },
  {
    name: 'a key need not exist',
    sql: inFunction('public_market_id', 'if part[8] is null then', 'if true then'),
    at: [PUBLIC, 'amber market under no key of anybody'],
    breach: /^select offer .* gave "rows \S/,
  },
  {
    name: 'a public context names a market to partners’ policies',
    sql: inFunction(
      'claims',
      `case when part[3] = 'partner' then nullif(part[4], '') end`,
      `nullif(part[4], '')`,
    ),
    at: ['bulkhead_partner', 'amber key'],
    breach: /^select claim .* gave "rows \S/,
  },
  {
    name: 'a partner context names a market to the public policies',
    sql: inFunction(
      'claims',
      `case when part[3] = 'public' then nullif(part[4], '') end`,
      `nullif(part[4], '')`,
    ),
    at: [PUBLIC, 'amber owner'],
    breach: /^select offer .* gave "rows \S/,
  },
  {
    name: 'any actor of the public surface counts as a shopper',
    sql: inFunction('claims', `part[3] = 'public' and part[5] = 'shopper' then`, `part[3] = 'public' then`),
    at: [PUBLIC, 'visitor with a shopper’s id'],
    breach: /^select shopper_contact .* gave "rows \S/,
  },
  {
    name: 'a shopper of the partner surface counts as one',
    sql: `${inFunction('claims', `part[3] = 'public' and part[5] = 'shopper' then`, `part[5] = 'shopper' then`)};
      ${inFunction('claims', `case when part[3] = 'public' then nullif(part[4], '') end`, `nullif(part[4], '')`)}`,
    at: [PUBLIC, 'shopper claims on the partner surface'],
    breach: /^select shopper .* gave "rows \S/,
  },
  {
    name: 'drafts are shown',
    sql: using('public_select', 'offer', SHOWN_OFFER.replace(`and state = 'live'`, '')),
    at: [PUBLIC, 'amber key, drafts without an end'],
    breach: /^select offer /,
  },
  {
    name: 'an offer is shown before it begins',
    sql: using(
      'public_select',
      'offer',
      SHOWN_OFFER.replace('and coalesce(starts_at <= current_timestamp, true)', ''),
    ),
    at: [PUBLIC, 'amber key, offer scheduled'],
    breach: /^select offer .* gave "rows \S/,
  },
  {
    name: 'an offer is shown after its end',
    sql: using(
      'public_select',
      'offer',
      SHOWN_OFFER.replace('and coalesce(ends_at > current_timestamp, true)', ''),
    ),
    at: [PUBLIC, 'amber key, offer ended'],
    breach: /^select offer .* gave "rows \S/,
  },
  {
    name: 'offers of all markets are shown',
    sql: using('public_select', 'offer', SHOWN_OFFER.replace(MARKET, 'app.public_market_id() is not null')),
    at: [PUBLIC, 'basil key'],
    breach: /^select offer .* gave "rows \S+ \S/,
  },
  {
    name: 'closed branches are shown',
    sql: using('public_select', 'branch', MARKET),
    at: [PUBLIC, 'amber key, branch closed'],
    breach: /^select branch /,
  },
  {
    name: 'branches of hidden offers are told',
    sql: using('public_select', 'offer_branch', MARKET),
    at: [PUBLIC, 'amber key'],
    breach: /^select offer_branch .* gave "rows \S/,
  },
  {
    name: 'pictures that belong to no offer are shown',
    sql: using('public_select', 'image', MARKET),
    at: [PUBLIC, 'amber key'],
    breach: /^select image /,
  },
  {
    name: 'claims of hidden offers are counted',
    sql: using('public_select', 'offer_claims', MARKET),
    at: [PUBLIC, 'amber key, offer with a limit and a branch'],
    breach: /^select offer_claims .* gave "rows \S+ \S/,
  },
  {
    name: 'claims of offers without a limit are counted',
    sql: using('public_select', 'offer_claims', `${MARKET} and offer_id in (select id from offer)`),
    at: [PUBLIC, 'amber key'],
    breach: /^select offer_claims .* gave "rows \S/,
  },
];
