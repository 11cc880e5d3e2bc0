const ID = '[0-9a-f-]{36}';

/**
 * What a support session may look at. All other pages of the process are refused, so that a new one is out of its
 * reach until it stands here: none of these shows a secret, a way to pay, a key, or a file of shoppers' data.
 */
const SEEN: readonly RegExp[] = [
  '/',
  '/analytics(/[a-z-]+)?(\\.csv)?',
  `/offers(/${ID})?`,
  '/claims',
  `/redemptions/${ID}`,
  `/conflicts(/${ID}/${ID})?`,
  `/messages(/${ID})?`,
  `/images/${ID}`,
  `/imports(/${ID}(/problems)?)?`,
  `/branches(/${ID})?`,
  `/devices(/${ID})?`,
  `/team(/${ID})?`,
  '/usage',
  '/audit',
  `/access-log(/${ID})?`,
  '/market',
  '/docs',
  '/api/v1/openapi\\.json',
  '/support-session',
].map((path) => new RegExp(`^${path}/?$`));

/** Where the one thing is sent that a support session can do: end. */
export const SUPPORT_END = '/support-session/end';

/** Where a one-time link leads. */
export const SUPPORT_ENTRY = '/support-session/entry';

/** Whether a support session may look at this address (path, with or without a query). */
export const isSeenInSupport = (address: string): boolean => {
  const path = address.split(/[?#]/)[0]!;
  return SEEN.some((seen) => seen.test(path));
};
