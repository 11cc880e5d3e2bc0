/** What a condition asks about, most telling first: the page has words for each. */
const WORDS = [
  ['nested', /\bSELECT\b[^()]*\bFROM\b/i],
  ['owner', /app\.market_id_as\('owner'/],
  ['manager', /app\.market_id_as\('manager'/],
  ['market', /app\.market_id\(/],
  ['signedMarket', /app\.signed_market_id\(/],
  ['publicMarket', /app\.public_market_id\(/],
  ['deviceMarket', /app\.(device|till)_market_id\(/],
  ['deviceBranch', /app\.device_branch_id\(/],
  ['device', /app\.device_id\(/],
  ['shopper', /app\.shopper_id\(/],
  ['key', /app\.key_id\(/],
  ['actor', /app\.actor_id\(/],
  ['operator', /app\.is_operator\(/],
  ['staff', /app\.is_staff\(/],
  ['time', /\b(CURRENT_TIMESTAMP|now\(\))/i],
  ['surface', /\bsurface = /],
  ['state', /\bstate = /],
  ['filled', /\bIS NOT NULL\b/i],
  ['always', /^true$/i],
] as const;

export type ConditionWords = (typeof WORDS)[number][0] | 'other';

/** The words for a condition as PostgreSQL writes it. */
export function wordsOf(condition: string): ConditionWords {
  return WORDS.find(([, pattern]) => pattern.test(condition))?.[0] ?? 'other';
}
