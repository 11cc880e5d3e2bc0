import type { Limit, OpenLimits } from '../auth/open-limits.ts';
import type { ShopperCodes } from '../auth/shopper-codes.ts';
import { networkOf } from '../auth/throttle.ts';

const HOUR = 3_600;
/** Codes sent to one address of one market. */
export const CODES: Limit = { name: 'sign-in-codes', points: 5, seconds: HOUR };
/** A mobile operator's customers share a network. */
const CODES_OF_NETWORK: Limit = { name: 'sign-in-codes-network', points: 120, seconds: HOUR };
/** To one address over all markets, so that nobody's mailbox is flooded through many of them. */
export const CODES_OF_ADDRESS: Limit = { name: 'sign-in-codes-address', points: 20, seconds: HOUR };
/** Codes typed for one address: with 5 to a code and a million codes, a year of guessing stays hopeless. */
export const TRIES: Limit = { name: 'sign-in', points: 30, seconds: 24 * HOUR };
const TRIES_OF_NETWORK: Limit = { name: 'sign-in-network', points: 120, seconds: 900 };

interface Parts {
  readonly limits: OpenLimits;
  readonly codes: ShopperCodes;
}

interface Asked {
  readonly marketId: string;
  readonly email: string;
  readonly address: string;
}

/** The strictest of the counts that a request for a code adds to, and whether a letter may go out. */
export async function countCode({ limits, codes }: Parts, { marketId, email, address }: Asked) {
  const ofNetwork = await limits.exact(CODES_OF_NETWORK, networkOf(address));
  if (ofNetwork.exceeded) return { allowance: ofNetwork, mayMail: false };
  const allowance = await limits.exact(CODES, codes.alias(marketId, email));
  if (allowance.exceeded) return { allowance, mayMail: false };
  // Silent: a refusal would tell one market what somebody does in others.
  const everywhere = await limits.exact(CODES_OF_ADDRESS, codes.alias('', email));
  return { allowance, mayMail: !everywhere.exceeded };
}

/** Counted before the code is looked at, right or wrong. */
export async function countTry({ limits, codes }: Parts, { marketId, email, address }: Asked) {
  const ofNetwork = await limits.exact(TRIES_OF_NETWORK, networkOf(address));
  return ofNetwork.exceeded ? ofNetwork : limits.exact(TRIES, codes.alias(marketId, email));
}
