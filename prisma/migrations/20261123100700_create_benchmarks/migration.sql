-- What markets may know of each other: the median of a category over a month that has ended, if enough markets stand
-- behind it. A month is published once, all categories together, and never again, so that no two answers can be
-- subtracted from each other: a value of NULL says that too few markets stood behind it, and it stays NULL.

create table benchmark (
  category_id uuid not null,
  month date not null,
  metric text not null,
  value integer,
  published_at timestamptz(3) not null default current_timestamp,

  constraint benchmark_pkey primary key (category_id, month, metric),
  constraint benchmark_metric_check check (metric in ('claim-rate', 'redemption-rate')),
  constraint benchmark_value_check check (value between 0 and 1000),
  constraint benchmark_category_id_fkey foreign key (category_id) references category(id) on delete restrict on update no action
);
alter table benchmark enable row level security;
alter table benchmark force row level security;
create policy partner_select on benchmark for select to bulkhead_partner
  using (true);
grant select on benchmark to bulkhead_partner;
create policy admin_select on benchmark for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on benchmark to bulkhead_admin;
create policy statistics_select on benchmark for select to bulkhead_statistics
  using (true);
grant select on benchmark to bulkhead_statistics;
create policy statistics_insert on benchmark for insert to bulkhead_statistics
  with check (true);
grant insert (
  category_id, month, metric, value
) on benchmark to bulkhead_statistics;
create policy statistics_select on category for select to bulkhead_statistics
  using (true);
grant select (
  id
) on category to bulkhead_statistics;
create policy statistics_select on offer for select to bulkhead_statistics
  using (true);
grant select (
  market_id, id, category_id
) on offer to bulkhead_statistics;
create policy statistics_select on market for select to bulkhead_statistics
  using (true);
grant select (
  id, state, is_demo, created_at
) on market to bulkhead_statistics;
create policy statistics_select on team_member for select to bulkhead_statistics
  using (true);
grant select (
  market_id, user_id
) on team_member to bulkhead_statistics;
create policy statistics_select on rollup_task for select to bulkhead_statistics
  using (true);
grant select (
  market_id, hour
) on rollup_task to bulkhead_statistics;

set role bulkhead_context;
grant create on schema app to bulkhead_statistics;
reset role;
set role bulkhead_statistics;

-- Medians of the month, in thousandths rounded to fives, for each category that at least eleven parties had enough
-- figures in: so there are ten besides whoever asks. A party is a market, or all markets that people of their teams tie
-- together: one person with ten markets would know ten of the values and read the eleventh off the median. Markets that
-- were opened during the month or later, or are not active, are nobody's neighbours yet. A party counts once whatever
-- its size, and only with 50 views (for claims) or 20 claims (for redemptions), where one event can't move its own value
-- by much. Demo markets are compared with each other as long as no market is real, and never with real ones.
-- @returns how many values were published; 0 for a month that has been, or can't be yet: later calls change nothing.
create function app.publish_benchmarks(asked_month date) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  first_day constant date := date_trunc('month', asked_month);
  next_month constant date := first_day + interval '1 month';
  published integer;
begin
  -- Late events are accepted for seven days; two more for the time zones and the job itself. Events are kept for a year.
  if first_day is null or next_month + interval '9 days' > current_timestamp at time zone 'UTC'
    or first_day < current_timestamp at time zone 'UTC' - interval '13 months'
  then
    return 0;
  end if;
  perform from public.benchmark where benchmark.month = first_day;
  if found then
    return 0;
  end if;
  -- What has not been counted yet would never be: this is asked once.
  perform from public.rollup_task as task join public.market on market.id = task.market_id
    where market.state = 'active' and task.hour >= first_day - interval '1 day' and task.hour < next_month + interval '1 day';
  if found then
    return 0;
  end if;
  with recursive neighbour as (
    select market.id as market_id from public.market
    where market.state = 'active' and market.created_at < first_day::timestamp at time zone 'UTC'
      and market.is_demo = not exists (select from public.market as real where not real.is_demo and real.state = 'active')
  ), tie as (
    select distinct member.market_id, other.market_id as other_id
    from public.team_member as member join public.team_member as other on other.user_id = member.user_id
    where member.market_id <> other.market_id
  ), reach (market_id, other_id) as (
    select neighbour.market_id, neighbour.market_id from neighbour
    union
    select reach.market_id, tie.other_id from reach join tie on tie.market_id = reach.other_id
  ), party as (
    select reach.market_id, min(reach.other_id::text) as name from reach group by reach.market_id
  ), party_figure as (
    select offer.category_id, party.name,
      sum(figure.events) filter (where figure.kind = 'view') as views,
      sum(figure.events) filter (where figure.kind = 'claim') as claims,
      sum(figure.events) filter (where figure.kind = 'redeem') as redemptions
    from public.event_day as figure
    join party on party.market_id = figure.market_id
    join public.offer on offer.market_id = figure.market_id and offer.id = figure.offer_id
    where figure.day >= first_day and figure.day < next_month and offer.category_id is not null
    group by 1, 2
  ), rate as (
    select category_id, 'claim-rate' as metric, least(1000, 1000.0 * coalesce(claims, 0) / views) as value
    from party_figure where views >= 50
    union all
    select category_id, 'redemption-rate', least(1000, 1000.0 * coalesce(redemptions, 0) / claims)
    from party_figure where claims >= 20
  ), median as (
    select category_id, metric, 5 * round(percentile_cont(0.5) within group (order by value)::numeric / 5) as value
    from rate group by category_id, metric having count(*) >= 11
  )
  insert into public.benchmark (category_id, month, metric, value)
    select category.id, first_day, metric.name, median.value::int
    from public.category cross join (values ('claim-rate'), ('redemption-rate')) as metric(name)
    left join median on median.category_id = category.id and median.metric = metric.name
    on conflict (category_id, month, metric) do nothing;
  select count(*) into published from public.benchmark where benchmark.month = first_day and benchmark.value is not null;
  return published;
end
$$;
revoke all on function app.publish_benchmarks(date) from public;
grant execute on function app.publish_benchmarks(date) to bulkhead_partner_gate;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_statistics;
reset role;
