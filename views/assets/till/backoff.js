const FIRST_MS = 2_000;
const LONGEST_MS = 5 * 60_000;

/**
 * How long to wait before the next attempt: doubling, half of it left to chance so that tills that lost the same
 * network don't all come back at once. What the server asks for is kept.
 */
export function waitAfter(failures, { retryAfterMs = 0, random = Math.random } = {}) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.max(retryAfterMs, Math.round(longest / 2 + (longest / 2) * random()));
}
