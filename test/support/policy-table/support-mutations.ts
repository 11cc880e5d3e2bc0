import { inFunction, type Mutation } from './mutations.ts';

const inClaims = (from: string, to: string): string => inFunction('claims', from, to);

/** What makes a support session one that only reads, and only while it holds. */
export const supportMutations: Mutation[] = [
  {
    name: 'a support session may write',
    sql: inClaims("current_setting('transaction_read_only') <> 'on'", 'false'),
    at: ['bulkhead_partner', 'support session, may write'],
    breach: /^select offer/,
  },
  {
    name: 'a support session may act as more than an analyst',
    sql: inClaims("or part[7] <> 'analyst'", ''),
    at: ['bulkhead_partner', 'support session, as an owner'],
    breach: /^select offer/,
  },
  {
    name: 'a support session outlives its end',
    sql: inClaims('opened.ended_at is null and', ''),
    at: ['bulkhead_partner', 'support session, stopped'],
    breach: /^select offer/,
  },
  {
    name: 'a support session outlives its time',
    sql: inClaims('and opened.expires_at > statement_timestamp()', ''),
    at: ['bulkhead_partner', 'support session, run out'],
    breach: /^select offer/,
  },
  {
    name: 'a support session is any market’s',
    sql: inClaims('opened.market_id = part[4]::uuid and', ''),
    at: ['bulkhead_partner', "support session, another market's"],
    breach: /^select offer/,
  },
  {
    name: 'a market that allows no looks is looked at',
    sql: inClaims("and market.support_consent <> 'never'", ''),
    at: ['bulkhead_partner', 'support session, of a market that allows none'],
    breach: /^select offer/,
  },
];
