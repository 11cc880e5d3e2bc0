/** How a market wants support to look at it: without being asked, after its consent, or not at all. */
export const SUPPORT_CONSENTS = ['always', 'ask', 'never'] as const;

export const MARKET_STATES = ['applied', 'active', 'suspended', 'closed'] as const;
export type MarketState = (typeof MARKET_STATES)[number];

/** Which states may become which. A closed market stays closed: what it had been is in the audit trail. */
const BEFORE: Readonly<Record<MarketState, readonly MarketState[]>> = {
  applied: [],
  active: ['applied', 'suspended'],
  suspended: ['active'],
  closed: ['applied', 'active', 'suspended'],
};

/** The states from which a market may come to `state`. */
export const statesBefore = (state: MarketState): readonly MarketState[] => BEFORE[state];

/** The states that a market in `state` may come to. */
export const statesAfter = (state: string): MarketState[] =>
  MARKET_STATES.filter((next) => (BEFORE[next] as readonly string[]).includes(state));
