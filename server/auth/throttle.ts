import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { tooMany } from '../errors.ts';
import type { Gate } from './gate.ts';

export interface Limits {
  /** Wrong passwords for one e-mail before it is locked. */
  readonly failures: number;
  /** The first lock; each further one within a day is twice as long. */
  readonly lockSeconds: number;
  /** Wrong passwords from one address within 15 minutes. */
  readonly failuresPerAddress: number;
  /** E-mails sent to one address per hour. */
  readonly mailsPerHour: number;
  /** Changes by one session, or one address without a session. */
  readonly writesPerMinute: number;
}

export const LIMITS: Limits = {
  failures: 5,
  lockSeconds: 900,
  failuresPerAddress: 50,
  mailsPerHour: 5,
  writesPerMinute: 300,
};
const DAY = 86_400;

export interface Throttle {
  /** Counts an attempt before the password is looked at, so that parallel guesses can't slip through. Throws 429. */
  attempt(email: string, address: string): Promise<{ succeed(): Promise<void>; fail(): Promise<void> }>;
  mail(email: string, address: string): Promise<void>;
  write(who: string): Promise<void>;
  /** Runs a password hash, or throws 429: a flood of them must not take the process down. */
  hashing<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** A hash takes 19 MiB and 30 ms of a core. */
const HASHES_AT_ONCE = 8;

/** Counters live in the portal's own table, so that restarts and a second process change nothing. */
export function createThrottle(gate: Gate, table: string, limits: Limits = LIMITS): Throttle {
  const limiter = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterPostgres({
      ...{
        storeClient: gate.pool,
        storeType: 'pool',
        tableName: table,
        tableCreated: true,
        clearExpiredByTimeout: true,
      },
      ...{ keyPrefix, points, duration },
    });
  const byEmail = limiter('email', limits.failures, limits.lockSeconds);
  const locks = limiter('locks', 1_000, DAY);
  const byAddress = limiter('address', limits.failuresPerAddress, 900);
  const mails = limiter('mail', limits.mailsPerHour, 3_600);
  const writes = limiter('write', limits.writesPerMinute, 60);

  let hashes = 0;

  const lock = async (key: string): Promise<never> => {
    const { consumedPoints } = await locks.penalty(key, 1);
    const seconds = Math.min(limits.lockSeconds * 2 ** (consumedPoints - 1), DAY);
    await byEmail.block(key, seconds);
    throw tooMany(seconds, 'locked');
  };

  return {
    attempt: async (email, address) => {
      const key = digest(email);
      const network = networkOf(address);
      await consume(byAddress, network, 'too-many-requests');
      const state = await consume(byEmail, key, 'locked');
      return {
        succeed: async () => {
          await Promise.all([byEmail.delete(key), locks.delete(key), byAddress.reward(network, 1)]);
        },
        fail: async () => {
          if (state.remainingPoints === 0) await lock(key);
        },
      };
    },
    mail: async (email, address) => {
      await consume(mails, networkOf(address), 'too-many-requests', 1);
      await consume(mails, digest(email), 'too-many-requests', 1);
    },
    write: async (who) => {
      await consume(writes, who, 'too-many-requests');
    },
    hashing: (work) => {
      if (hashes >= HASHES_AT_ONCE) throw tooMany(2);
      hashes++;
      return work().finally(() => hashes--);
    },
  };
}

async function consume(
  limiter: RateLimiterPostgres,
  key: string,
  code: string,
  points = 1,
): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key, points);
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes)
      throw tooMany(Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)), code);
    throw refusal;
  }
}

/** Neither the table nor its backups hold an address that somebody typed. */
const digest = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 40);

/** One household or host has a whole /64 of IPv6 addresses. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = address.includes('::') ? 8 - groups.length - tail.split(':').filter(Boolean).length : 0;
  return [...groups, ...Array<string>(missing).fill('0'), ...tail.split(':').filter(Boolean)]
    .slice(0, 4)
    .join(':');
}
