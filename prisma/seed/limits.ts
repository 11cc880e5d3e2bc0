import type { ClientBase } from 'pg';
import { DAY } from './clock.ts';
import { demoId } from './ids.ts';
import { DEMO_MARKETS } from './market-list.ts';
import { staffId } from './people.ts';

/** On the plan Free, with all branches and team members that it allows; and, by its own limit, all live offers. */
const AT_ITS_LIMIT = 'al-sikka';
const RAISED = 'bayt-al-dallah';

const marketId = (slug: string): string => DEMO_MARKETS.find((market) => market.slug === slug)!.id;

/**
 * Limits of single markets, one in force and one that is over, a change of a plan, and the history of what there was. What
 * is used now the triggers have counted, as they do for everybody.
 */
export async function writeLimits(client: ClientBase, today: Date, now: Date): Promise<void> {
  const days = (count: number): Date => new Date(today.getTime() + count * DAY);
  // As the check of the night would leave them: the past of this seed was written in one go.
  await client.query(
    `update limit_use set used = app.recount_limit(market_id, name, $1), counted_at = $1 where name = 'live_offers'`,
    [now],
  );
  await client.query(
    `update limit_peak set peak = used from limit_use where limit_use.market_id = limit_peak.market_id
       and limit_use.name = limit_peak.name and limit_use.name = 'live_offers'`,
  );
  await client.query(
    `insert into limit_override (market_id, id, name, cap, starts_at, ends_at, reason, created_by, created_at)
     select market_id, $2, name, used, $3, null, 'Agreed when the market was opened: no more offers until the second branch has its own photos.', $4, $3
     from limit_use where market_id = $1 and name = 'live_offers'`,
    [marketId(AT_ITS_LIMIT), demoId('override', 1), days(-30), staffId('operator')],
  );
  await client.query(
    `insert into limit_override (market_id, id, name, cap, starts_at, ends_at, reason, created_by, created_at)
     values ($1, $2, 'members', 12, $3, $4, 'Seasonal staff, agreed by phone.', $5, $3)`,
    [marketId(RAISED), demoId('override', 2), days(-60), days(-20), staffId('operator')],
  );
  await client.query(
    `insert into plan_change (id, plan_id, staff_user_id, changed_at, reason, changes)
     values ($1, 'free', $2, $3, 'Small shops ran out of offers within a week.', '{"maxLiveOffers": {"from": 5, "to": 30}}')`,
    [demoId('planChange', 1), staffId('operator'), days(-45)],
  );
  await client.query(PEAKS, [today]);
}

/** The months before: the most offers on one day, and what branches and members there were by the month's end. */
const PEAKS = `
  with months as (
    select (date_trunc('month', $1::timestamptz at time zone 'UTC') - make_interval(months => back))::date as month
    from generate_series(1, 5) as back
  ), shown as (
    select offer.market_id, day::date as day, count(*)::int as number
    from offer, generate_series(decided_at, least(coalesce(ended_at, ends_at), $1), interval '1 day') as day
    where decision = 'approved' group by 1, 2
  )
  insert into limit_peak (market_id, name, month, peak)
  select shown.market_id, 'live_offers', months.month, max(shown.number) from months
    join shown on date_trunc('month', shown.day)::date = months.month group by 1, 3
  union all
  select market_id, 'branches', months.month, count(*) from months
    join branch on branch.state = 'open' and branch.created_at < months.month + interval '1 month' group by 1, 3
  union all
  select market_id, 'members', months.month, count(*) from months
    join team_member on state <> 'removed' and invited_at < months.month + interval '1 month' group by 1, 3
  on conflict (market_id, name, month) do update set peak = greatest(limit_peak.peak, excluded.peak)`;
