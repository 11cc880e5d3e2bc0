/** The market that no one may ever see: its rows are marked, and a mark in an answer is an alarm. */
export const DECOY_MARKET = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec';
