import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenKey } from '../auth/tokens.ts';

/** Seconds for which a nonce is good. */
const NONCE_SECONDS = 300;

/**
 * Nonces that stand in for a till's clock, which may be hours off: the server's own time, sealed. Nothing is kept, and
 * every process that has the keys knows them again.
 */
export interface Nonces {
  issue(now: Date): string;
  isFresh(nonce: string, now: Date): boolean;
}

export function createNonces(keys: readonly TokenKey[]): Nonces {
  const seals = keys.map(({ key }) => createHmac('sha256', key).update('till nonce').digest());
  const sealed = (time: string, seal: Buffer) =>
    `${time}.${createHmac('sha256', seal).update(time).digest('base64url')}`;
  return {
    issue: (now) => sealed(secondsOf(now).toString(36), seals[0]!),
    isFresh: (nonce, now) => {
      const [time = ''] = nonce.split('.');
      const age = secondsOf(now) - Number.parseInt(time, 36);
      // Another process may be a little ahead.
      const isInTime = age >= -NONCE_SECONDS / 10 && age <= NONCE_SECONDS;
      return seals.some((seal) => equal(sealed(time, seal), nonce)) && isInTime;
    },
  };
}

const secondsOf = (now: Date) => Math.floor(now.getTime() / 1_000);

function equal(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
