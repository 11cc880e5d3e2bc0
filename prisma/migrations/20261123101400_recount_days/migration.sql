-- As before, but by days of the zone itself (a date that a series turned into an instant was noon of another zone), and
-- all of them whose events are still there: from the oldest month on, whether or not older figures exist.

set role bulkhead_context;
create or replace function app.recount_market(market uuid, zone text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  first_day date;
  last_day date;
begin
  select min((event.occurred_at at time zone zone)::date), max((event.occurred_at at time zone zone)::date)
    into first_day, last_day
    from (
      (select occurred_at from public.offer_event where offer_event.market_id = market order by id limit 1)
      union all
      (select occurred_at from public.offer_event where offer_event.market_id = market order by id desc limit 1)
    ) as event;
  -- The old zone may have had events a day earlier, and a day later. The day in which the oldest month begins stays.
  first_day := greatest(first_day - 1,
    (select ((min(month)::timestamp at time zone 'UTC') at time zone zone)::date + 1 from app.event_months() as month));
  insert into public.rollup_task (market_id, id, hour)
    select market, gen_random_uuid(), date_trunc('hour', (midnight + interval '12 hours') at time zone zone, 'UTC')
    from generate_series(first_day::timestamp, last_day + interval '1 day', '1 day') as midnight;
end
$$;
reset role;
