import type { ScopedClient } from '../db/client.ts';
import type { Part } from './days.queries.ts';
import type { Span } from './range.ts';

/** The median is taken over this many of the latest claims at most: as good as over all, and never slow. */
export const REDEEM_TIME_CLAIMS = 2_000;

/** Half of the claims of these days that have been redeemed were redeemed within this many minutes; null without any. */
export async function medianRedeemMinutes(
  db: ScopedClient,
  { from, to }: Span,
  timeZone: string,
  { offerId, branchId }: Part = {},
): Promise<number | null> {
  const [row] = await db.$queryRaw<{ minutes: number | null }[]>`
    select percentile_cont(0.5) within group (order by extract(epoch from redeemed_at - claimed_at) / 60)::float8 as minutes
    from (
      select redeemed_at, claimed_at from claim
      where market_id = ${db.scope.marketId}::uuid and state = 'redeemed'
        and claimed_at >= (${from}::date::timestamp at time zone ${timeZone})
        and claimed_at < ((${to}::date + 1)::timestamp at time zone ${timeZone})
        and (${offerId ?? null}::uuid is null or offer_id = ${offerId ?? null}::uuid)
        and (${branchId ?? null}::uuid is null or branch_id = ${branchId ?? null}::uuid)
      order by claimed_at desc, id desc
      limit ${REDEEM_TIME_CLAIMS}
    ) as latest`;
  return row?.minutes ?? null;
}
