/** Of a plan's limit that is nearly used up. */
const WARN = 0.8;

/**
 * What a till may say about a code by what it knows itself. Nothing is written here; `redeem` of the store asks again
 * inside of the transaction that writes.
 *
 * `own`: this till's operation for the code that was not refused, if any. `lease`: what it may still accept without
 * asking. `quota`: the month's redemptions, as last heard. `now`: the server's time, as well as it is known.
 *
 * @returns {{ verdict: string, at?: string, isOwn?: boolean, usesLease?: boolean }}
 */
export function decide({ claim, own, lease, quota, now, isOnline }) {
  if (own) return { verdict: 'redeemed', at: own.redeemedAt, isOwn: true };
  const usesLease = leaseLeft(lease, now) > 0;
  if (!claim) return { verdict: unknownCode(isOnline, usesLease), usesLease };
  if (claim.state === 'redeemed') return { verdict: 'redeemed', at: claim.redeemedAt, isOwn: false };
  if (claim.state === 'cancelled') return { verdict: 'cancelled' };
  if (claim.state === 'expired' || (claim.expiresAt && Date.parse(claim.expiresAt) <= now))
    return { verdict: 'expired', at: claim.expiresAt };
  if (!usesLease && isFull(quota)) return { verdict: 'full' };
  return { verdict: 'valid', usesLease };
}

/** A code may have been claimed since the last contact; accepting it unseen is what a lease is for. */
function unknownCode(isOnline, hasLease) {
  if (isOnline) return 'unknown';
  return hasLease ? 'unconfirmed' : 'unknown-offline';
}

/** How many redemptions a lease still covers. After its end the server counts, not the time; the till takes no more. */
export function leaseLeft(lease, now) {
  if (!lease || Date.parse(lease.expiresAt) <= now) return 0;
  return Math.max(0, lease.count - lease.used);
}

export const isFull = (quota) => Boolean(quota?.cap != null && quota.use >= quota.cap);
export const isNearlyFull = (quota) => Boolean(quota?.cap != null && quota.use >= quota.cap * WARN);
