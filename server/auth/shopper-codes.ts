import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { Scope } from '../market/scope.ts';
import type { Gate, Query } from './gate.ts';
import type { TokenKey } from './tokens.ts';

export const CODE_MINUTES = 10;
/** Wrong tries before a code is worth nothing. */
export const CODE_TRIES = 5;

export interface Attempt {
  readonly email: string;
  readonly code: string;
}

export interface ProvenShopper {
  readonly shopperId: string;
  readonly isNew: boolean;
}

/** Codes that prove whose an e-mail address is, for the market of a public scope alone. */
export interface ShopperCodes {
  /** What counters call an address: nothing in the database may name who never signed up. */
  alias(marketId: string, email: string): string;
  /** A new code in place of any earlier one of the address. Whether the address is known is not even asked. */
  issue(scope: Scope, email: string, now: Date): Promise<string>;
  /** The shopper behind a right code, made if there is none; null for any other. A code works once. */
  redeem(scope: Scope, attempt: Attempt, locale: string, now: Date): Promise<ProvenShopper | null>;
  /** Forgets a code that is still on its way. */
  forget(scope: Scope, email: string): Promise<void>;
}

/**
 * Through the gate, under the signed scope: a statement injected into a public request runs as another role, which
 * has no policy on codes, so it can make itself none and read none.
 */
export function createShopperCodes(gate: Gate, keys: readonly TokenKey[]): ShopperCodes {
  const sealed = (what: string, ...parts: string[]) =>
    keys.map(({ key }) =>
      createHmac('sha256', createHmac('sha256', key).update(`shopper ${what}`).digest())
        .update(parts.join('\n'))
        .digest('hex'),
    );
  // The market is part of both: equal addresses in two markets have nothing in common.
  const emails = (scope: Scope, email: string) => sealed('e-mail', scope.marketId!, email);
  const codes = (scope: Scope, { email, code }: Attempt) => sealed('code', scope.marketId!, email, code);

  return {
    alias: (marketId, email) => sealed('counter', marketId, email)[0]!,

    issue: async (scope, email, now) => {
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      const [current, ...older] = emails(scope, email);
      const [digest] = codes(scope, { email, code });
      await gate.as(scope, async (query) => {
        await store(query, [scope.marketId!, current!, digest!, now, after(now)]);
        await tidy(query, scope.marketId!, older, now);
      });
      return code;
    },

    redeem: (scope, attempt, locale, now) =>
      gate.as(scope, async (query) => {
        const marketId = scope.marketId!;
        const asked = emails(scope, attempt.email);
        // Counted before it is looked at, under the row's lock: parallel guesses get no more tries than others.
        const [row] = await query<{ code_digest: string }>(
          `update shopper_code set failures = failures + 1
           where market_id = $1 and email_digest = any($2) and expires_at > $3 and failures < $4 returning code_digest`,
          [marketId, asked, now, CODE_TRIES],
        );
        const isRight = codes(scope, attempt).map((code) => equal(code, row?.code_digest ?? NONE));
        if (!row || !isRight.includes(true)) return null;
        await query('delete from shopper_code where market_id = $1 and email_digest = any($2)', [
          marketId,
          asked,
        ]);
        return findOrMake(query, marketId, attempt.email, locale, now);
      }),

    forget: async (scope, email) => {
      await gate.as(scope, (query) =>
        query('delete from shopper_code where market_id = $1 and email_digest = any($2)', [
          scope.marketId,
          emails(scope, email),
        ]),
      );
    },
  };
}

/** Compared with where there is no code, so that the work is the same. */
const NONE = '0'.repeat(64);
const equal = (one: string, other: string) => timingSafeEqual(Buffer.from(one), Buffer.from(other));
const after = (now: Date) => new Date(now.getTime() + CODE_MINUTES * 60_000);

async function store(query: Query, values: unknown[]): Promise<void> {
  await query(
    `insert into shopper_code (market_id, email_digest, code_digest, created_at, expires_at) values ($1, $2, $3, $4, $5)
     on conflict (market_id, email_digest) do update set code_digest = excluded.code_digest, failures = 0,
       created_at = excluded.created_at, expires_at = excluded.expires_at`,
    values,
  );
}

/** Takes what is over with it, and codes sealed under a key that is on its way out. Never waits: it holds a row already. */
async function tidy(query: Query, marketId: string, older: readonly string[], now: Date): Promise<void> {
  await query(
    `delete from shopper_code where market_id = $1 and email_digest in (
       select email_digest from shopper_code where market_id = $1 and (expires_at <= $2 or email_digest = any($3))
       order by expires_at limit 100 for update skip locked)`,
    [marketId, now, older],
  );
}

async function findOrMake(
  query: Query,
  marketId: string,
  email: string,
  locale: string,
  now: Date,
): Promise<ProvenShopper> {
  const [known] = await query<{ shopper_id: string }>(
    'select shopper_id from shopper_contact where market_id = $1 and email = $2',
    [marketId, email],
  );
  if (known) return { shopperId: known.shopper_id, isNew: false };
  const shopperId = uuid();
  await query('insert into shopper (market_id, id, locale, created_at) values ($1, $2, $3, $4)', [
    ...[marketId, shopperId, locale, now],
  ]);
  await query('insert into shopper_contact (market_id, shopper_id, email) values ($1, $2, $3)', [
    ...[marketId, shopperId, email],
  ]);
  return { shopperId, isNew: true };
}
