-- What markets may know of each other: the median of a category over a month that has ended, if enough markets stand
-- behind it. Published once and never again, so that no two answers can be subtracted from each other.

create table benchmark (
  category_id uuid not null,
  month date not null,
  metric text not null,
  value integer not null,
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
create policy statistics_select on offer for select to bulkhead_statistics
  using (true);
grant select (
  market_id, id, category_id
) on offer to bulkhead_statistics;

set role bulkhead_context;
grant create on schema app to bulkhead_statistics;
reset role;
set role bulkhead_statistics;

-- Medians of the month, in thousandths rounded to fives, for each category that at least eleven markets had enough
-- figures in: so there are ten besides whoever asks. A market counts once whatever its size, and only with 50 views
-- (for claims) or 20 claims (for redemptions), where one event can't move its own value by much.
-- @returns how many values were published.
create function app.publish_benchmarks(asked_month date) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  first_day constant date := date_trunc('month', asked_month);
  published integer;
begin
  -- Late events are accepted for seven days; two more for the time zones and the job itself.
  if first_day + interval '1 month 9 days' > current_timestamp at time zone 'UTC' then
    return 0;
  end if;
  with market_figure as (
    select offer.category_id, figure.market_id,
      sum(figure.events) filter (where figure.kind = 'view') as views,
      sum(figure.events) filter (where figure.kind = 'claim') as claims,
      sum(figure.events) filter (where figure.kind = 'redeem') as redemptions
    from public.event_day as figure
    join public.offer on offer.market_id = figure.market_id and offer.id = figure.offer_id
    where figure.day >= first_day and figure.day < (first_day + interval '1 month')::date and offer.category_id is not null
    group by 1, 2
  ), rate as (
    select category_id, 'claim-rate' as metric, least(1000, 1000 * coalesce(claims, 0) / views) as value
    from market_figure where views >= 50
    union all
    select category_id, 'redemption-rate', least(1000, 1000 * coalesce(redemptions, 0) / claims)
    from market_figure where claims >= 20
  )
  insert into public.benchmark (category_id, month, metric, value)
    select category_id, first_day, metric, (5 * round(percentile_cont(0.5) within group (order by value) / 5))::int
    from rate group by category_id, metric having count(*) >= 11
    on conflict (category_id, month, metric) do nothing;
  get diagnostics published = row_count;
  return published;
end
$$;
revoke all on function app.publish_benchmarks(date) from public;
grant execute on function app.publish_benchmarks(date) to bulkhead_partner_gate;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_statistics;
reset role;
