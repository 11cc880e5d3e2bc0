import type { ClientBase } from 'pg';

/**
 * Limits on some live offers, none of them below what has been claimed: every third has some left, one a market is
 * all claimed, and some let a shopper claim twice.
 */
export async function writeClaimLimits(client: ClientBase): Promise<void> {
  await client.query(`
    update offer set
      claim_limit = case when place % 3 = 1 then (claimed / 50 + 2) * 50 when place = 5 and claimed > 0 then claimed end,
      claim_limit_per_shopper = case when place % 4 = 2 then 2 else 1 end
    from (
      select offer.market_id, offer.id, coalesce(counter.claimed, 0) as claimed,
        row_number() over (partition by offer.market_id order by offer.id) as place
      from offer left join offer_claims as counter on counter.market_id = offer.market_id and counter.offer_id = offer.id
      where offer.state = 'live'
    ) as live
    where offer.market_id = live.market_id and offer.id = live.id`);
}
