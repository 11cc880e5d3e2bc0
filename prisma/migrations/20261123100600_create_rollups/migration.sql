-- Figures of events, counted ahead: by day of the market's own time zone with offer and branch, and by hour of the day.
-- Written by app.roll_up() alone. Each table with its row-level security, policies and grants.

-- branch_id is the nil UUID for events that name no branch: a key can't hold NULL.
create table event_day (
  market_id uuid not null default app.market_id(),
  day date not null,
  offer_id uuid not null,
  branch_id uuid not null,
  kind text not null,
  events integer not null,

  constraint event_day_pkey primary key (market_id, day, offer_id, branch_id, kind),
  constraint event_day_kind_check check (kind in ('view', 'claim', 'redeem')),
  constraint event_day_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table event_day alter column kind set statistics 0, alter column events set statistics 0;
alter table event_day enable row level security;
alter table event_day force row level security;
create policy partner_select on event_day for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on event_day to bulkhead_partner;
create policy admin_select on event_day for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on event_day to bulkhead_admin;
create policy context_select on event_day for select to bulkhead_context
  using ((market_id = (select app.market_id())));
grant select on event_day to bulkhead_context;
create policy context_insert on event_day for insert to bulkhead_context
  with check ((market_id = (select app.market_id())));
grant insert (
  market_id, day, kind, events, offer_id, branch_id
) on event_day to bulkhead_context;
create policy context_delete on event_day for delete to bulkhead_context
  using ((market_id = (select app.market_id())));
grant delete on event_day to bulkhead_context;
create policy statistics_select on event_day for select to bulkhead_statistics
  using (true);
grant select (
  market_id, day, kind, events, offer_id
) on event_day to bulkhead_statistics;

create table event_hour (
  market_id uuid not null default app.market_id(),
  day date not null,
  hour smallint not null,
  kind text not null,
  events integer not null,

  constraint event_hour_pkey primary key (market_id, day, hour, kind),
  constraint event_hour_hour_check check (hour between 0 and 23),
  constraint event_hour_kind_check check (kind in ('view', 'claim', 'redeem')),
  constraint event_hour_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table event_hour
  alter column hour set statistics 0, alter column kind set statistics 0, alter column events set statistics 0;
alter table event_hour enable row level security;
alter table event_hour force row level security;
create policy partner_select on event_hour for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on event_hour to bulkhead_partner;
create policy admin_select on event_hour for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on event_hour to bulkhead_admin;
create policy context_select on event_hour for select to bulkhead_context
  using ((market_id = (select app.market_id())));
grant select on event_hour to bulkhead_context;
create policy context_insert on event_hour for insert to bulkhead_context
  with check ((market_id = (select app.market_id())));
grant insert (
  market_id, day, kind, events, hour
) on event_hour to bulkhead_context;
create policy context_delete on event_hour for delete to bulkhead_context
  using ((market_id = (select app.market_id())));
grant delete on event_hour to bulkhead_context;

-- One row a market: whoever rolls it up locks it, and it says for which time zone the figures hold and what the last
-- comparison with the events themselves found.
create table rollup_state (
  market_id uuid not null default app.market_id(),
  time_zone text not null,
  rolled_at timestamptz(3),
  checked_at timestamptz(3),
  differences jsonb not null default '[]',

  constraint rollup_state_pkey primary key (market_id),
  constraint rollup_state_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table rollup_state alter column time_zone set statistics 0, alter column differences set statistics 0;
alter table rollup_state enable row level security;
alter table rollup_state force row level security;
create policy partner_select on rollup_state for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on rollup_state to bulkhead_partner;
create policy admin_select on rollup_state for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on rollup_state to bulkhead_admin;
create policy context_select on rollup_state for select to bulkhead_context
  using ((market_id = (select app.market_id())));
grant select on rollup_state to bulkhead_context;
create policy context_insert on rollup_state for insert to bulkhead_context
  with check ((market_id = (select app.market_id())));
grant insert (
  market_id, time_zone
) on rollup_state to bulkhead_context;
create policy context_update on rollup_state for update to bulkhead_context
  using ((market_id = (select app.market_id())))
  with check ((market_id = (select app.market_id())));
grant update (
  time_zone, rolled_at, checked_at, differences
) on rollup_state to bulkhead_context;

-- What became of events that were sent in: one row a market, day (UTC) and outcome.
create table event_intake (
  market_id uuid not null default app.market_id(),
  day date not null,
  outcome text not null,
  events integer not null,

  constraint event_intake_pkey primary key (market_id, day, outcome),
  constraint event_intake_outcome_check check (outcome in ('accepted', 'repeated', 'bot', 'unknown', 'late', 'early', 'failed')),
  constraint event_intake_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table event_intake alter column outcome set statistics 0, alter column events set statistics 0;
alter table event_intake enable row level security;
alter table event_intake force row level security;
create policy partner_select on event_intake for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on event_intake to bulkhead_partner;
create policy admin_select on event_intake for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on event_intake to bulkhead_admin;
create policy partner_gate_select on event_intake for select to bulkhead_partner_gate
  using ((market_id = (select app.public_market_id())));
grant select on event_intake to bulkhead_partner_gate;
create policy partner_gate_insert on event_intake for insert to bulkhead_partner_gate
  with check ((market_id = (select app.public_market_id())));
grant insert (
  market_id, day, outcome, events
) on event_intake to bulkhead_partner_gate;
create policy partner_gate_update on event_intake for update to bulkhead_partner_gate
  using ((market_id = (select app.public_market_id())))
  with check ((market_id = (select app.public_market_id())));
grant update (
  events
) on event_intake to bulkhead_partner_gate;

set role bulkhead_context;

-- The lowest UUID v7 of an instant. Events' ids are those of when they happened, so a range of time is one of the primary key.
create function app.uuid_floor(instant timestamptz) returns uuid
language sql immutable strict parallel safe
return (
  select (left(hex, 8) || '-' || right(hex, 4) || '-0000-0000-000000000000')::uuid
  from (select lpad(to_hex(ceil(extract(epoch from instant) * 1000)::bigint), 12, '0') as hex) as part
);

-- Of the views of one offer by one visitor, the first counts in each half hour. Events without a visitor count each.
-- A day is what the zone's clock says, also where midnight comes twice or not at all: the range is wider than the day,
-- and the clock decides.
create function app.counted_events(market uuid, zone text, local_day date)
returns table (offer_id uuid, branch_id uuid, kind text, hour smallint)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  with day_event as (
    select event.offer_id, coalesce(event.branch_id, '00000000-0000-0000-0000-000000000000'::uuid) as branch_id, event.kind,
      event.occurred_at, event.id,
      case when event.kind = 'view' then event.visitor end as visitor
    from public.offer_event as event
    where event.market_id = counted_events.market
      and event.id >= app.uuid_floor((counted_events.local_day::timestamp - interval '3 hours') at time zone counted_events.zone)
      and event.id < app.uuid_floor((counted_events.local_day::timestamp + interval '27 hours') at time zone counted_events.zone)
      and event.occurred_at >= ((counted_events.local_day::timestamp - interval '3 hours') at time zone counted_events.zone)
      and event.occurred_at < ((counted_events.local_day::timestamp + interval '27 hours') at time zone counted_events.zone)
      and (event.occurred_at at time zone counted_events.zone)::date = counted_events.local_day
  )
  select offer_id, branch_id, kind, extract(hour from occurred_at at time zone counted_events.zone)::smallint
  from day_event where visitor is null
  union all
  select offer_id, branch_id, kind, hour from (
    select distinct on (offer_id, visitor, slot) offer_id, branch_id, kind,
      extract(hour from occurred_at at time zone counted_events.zone)::smallint as hour, visitor,
      date_bin('30 minutes', occurred_at, timestamptz '2000-01-01 00:00:00+00') as slot
    from day_event where visitor is not null
    order by offer_id, visitor, slot, occurred_at, id
  ) as first_view;
end;

-- The days of a zone that an hour of UTC lies in: two where the zone is off by half an hour.
create function app.days_of_hour(hour timestamptz, zone text) returns date[]
language sql immutable strict parallel safe
return array[(hour at time zone zone)::date, ((hour + interval '59 minutes 59.999 seconds') at time zone zone)::date];

-- Days begin elsewhere now: every day whose events are still there is queued to be counted again. What was counted of
-- months that have been dropped stays as it is, and so does the day in which the oldest month begins.
create function app.recount_market(market uuid, zone text) returns void
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
  first_day := first_day + case
    when exists (select from public.event_day where event_day.market_id = market and event_day.day < first_day - 1) then 1
    -- The old zone may have had events a day earlier, and a day later.
    else -1
  end;
  insert into public.rollup_task (market_id, id, hour)
    select market, gen_random_uuid(), date_trunc('hour', (each_day + interval '12 hours') at time zone zone, 'UTC')
    from generate_series(first_day, last_day + 1, '1 day') as each_day;
end
$$;

-- Counts again every day that queued hours point at, the newest `most` days at a time, for the market of a job.
-- Counting anew instead of adding up is what keeps it exact: a task becomes visible together with its events, and
-- whatever was committed late brings its own.
-- @returns how many tasks it took; 0 when there is nothing left to do.
create function app.roll_up(most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  self constant uuid := app.market_id();
  zone text;
  rolled_zone text;
  taken integer;
  days date[];
  each_day date;
begin
  if self is null or (app.claims())[2] is distinct from 'job' then
    return 0;
  end if;
  select market.time_zone into zone from public.market where market.id = self;
  insert into public.rollup_state (market_id, time_zone) values (self, zone) on conflict (market_id) do nothing;
  -- One at a time for a market.
  select state.time_zone into rolled_zone from public.rollup_state as state where state.market_id = self for update;
  if rolled_zone <> zone then
    perform app.recount_market(self, zone);
    update public.rollup_state set time_zone = zone where rollup_state.market_id = self;
  end if;
  with task as (
    select waiting.id, app.days_of_hour(waiting.hour, zone) as days from public.rollup_task as waiting
    where waiting.market_id = self
  ), newest as (
    select distinct task.days[1] as day from task order by 1 desc limit most
  ), done as (
    delete from public.rollup_task using task
    where rollup_task.market_id = self and rollup_task.id = task.id and task.days[1] in (select newest.day from newest)
    returning task.days
  )
  select count(*), array_agg(done.days[1]) || array_agg(done.days[2]) into taken, days from done;
  if taken = 0 then
    return 0;
  end if;
  for each_day in select distinct unnest(days) loop
    delete from public.event_day where event_day.market_id = self and event_day.day = each_day;
    delete from public.event_hour where event_hour.market_id = self and event_hour.day = each_day;
    with counted as materialized (select * from app.counted_events(self, zone, each_day)),
    by_offer as (
      insert into public.event_day (market_id, day, offer_id, branch_id, kind, events)
        select self, each_day, counted.offer_id, counted.branch_id, counted.kind, count(*) from counted group by 3, 4, 5
    )
    insert into public.event_hour (market_id, day, hour, kind, events)
      select self, each_day, counted.hour, counted.kind, count(*) from counted group by 3, 4;
  end loop;
  update public.rollup_state set rolled_at = clock_timestamp() where rollup_state.market_id = self;
  return taken;
end
$$;

-- Holds the figures of some days against the events themselves, counted in another way, in one snapshot. Days that
-- still wait for app.roll_up() are left out: what was found about them before stays.
-- @returns [{day, kind, byOffer, byHour, events, places}] for what differs: the figures' sums, the events', and how
-- many offers with branch, and hours, are wrong. rollup_state keeps it beside what other days had.
create function app.check_rollup(first_day date, last_day date) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  self constant uuid := app.market_id();
  zone text;
  waiting_days date[];
  found_differences jsonb;
begin
  if self is null or (app.claims())[2] is distinct from 'job' then
    return null;
  end if;
  select state.time_zone into zone from public.rollup_state as state where state.market_id = self for update;
  if not found then
    return '[]';
  end if;
  with waiting as (
    select distinct touched.day from public.rollup_task as task, unnest(app.days_of_hour(task.hour, zone)) as touched(day)
    where task.market_id = self
  ), event as (
    select (raw.occurred_at at time zone zone)::date as day, extract(hour from raw.occurred_at at time zone zone)::int as hour,
      raw.kind, raw.offer_id, coalesce(raw.branch_id, '00000000-0000-0000-0000-000000000000'::uuid) as branch_id, raw.visitor,
      raw.id, floor(extract(epoch from raw.occurred_at) / 1800) as slot
    from public.offer_event as raw
    where raw.market_id = self
      and raw.id >= app.uuid_floor((first_day::timestamp - interval '3 hours') at time zone zone)
      and raw.id < app.uuid_floor((last_day::timestamp + interval '27 hours') at time zone zone)
      and raw.occurred_at >= ((first_day::timestamp - interval '3 hours') at time zone zone)
      and raw.occurred_at < ((last_day::timestamp + interval '27 hours') at time zone zone)
  ), ranked as (
    select event.*, event.kind = 'view' and event.visitor is not null and event.id::text
        > min(event.id::text) over (partition by event.day, event.kind, event.offer_id, event.visitor, event.slot) as repeats
    from event where event.day between first_day and last_day
  ), counted as (
    select ranked.day, ranked.hour, ranked.kind, ranked.offer_id, ranked.branch_id from ranked where not ranked.repeats
  ), place as (
    -- One list of every figure twice: as counted now, and as rolled up (negative). What does not cancel out is wrong.
    select counted.day, counted.kind, counted.offer_id, counted.branch_id, null::int as hour, 1 as raw, 0 as rolled from counted
    union all
    select counted.day, counted.kind, null, null, counted.hour, 1, 0 from counted
    union all
    select figure.day, figure.kind, figure.offer_id, figure.branch_id, null, 0, figure.events from public.event_day as figure
    where figure.market_id = self and figure.day between first_day and last_day
    union all
    select figure.day, figure.kind, null, null, figure.hour, 0, figure.events from public.event_hour as figure
    where figure.market_id = self and figure.day between first_day and last_day
  ), figure as (
    select place.day, place.kind, place.hour, sum(place.raw) as raw, sum(place.rolled) as rolled
    from place group by place.day, place.kind, place.offer_id, place.branch_id, place.hour
  ), difference as (
    select figure.day, figure.kind,
      coalesce(sum(figure.rolled) filter (where figure.hour is null), 0) as by_offer,
      coalesce(sum(figure.rolled) filter (where figure.hour is not null), 0) as by_hour,
      coalesce(sum(figure.raw) filter (where figure.hour is null), 0) as events,
      count(*) filter (where figure.raw <> figure.rolled) as places
    from figure group by 1, 2 having count(*) filter (where figure.raw <> figure.rolled) > 0
  )
  select (select coalesce(array_agg(waiting.day), '{}') from waiting),
      (select coalesce(jsonb_agg(jsonb_build_object('day', difference.day, 'kind', difference.kind, 'byOffer', difference.by_offer,
        'byHour', difference.by_hour, 'events', difference.events, 'places', difference.places)
        order by difference.day, difference.kind), '[]')
      from difference where difference.day not in (select waiting.day from waiting))
    into waiting_days, found_differences;
  update public.rollup_state as state
    set checked_at = clock_timestamp(),
      differences = (
        select coalesce(jsonb_agg(known.one order by known.one ->> 'day', known.one ->> 'kind'), '[]') from (
          select each as one from jsonb_array_elements(state.differences) as each
          where (each ->> 'day')::date not between first_day and last_day or (each ->> 'day')::date = any (waiting_days)
          union all
          select each from jsonb_array_elements(found_differences) as each
        ) as known)
    where state.market_id = self;
  return found_differences;
end
$$;

-- The months that events can be written in, for staff to see that the job keeps them.
create function app.event_months() returns setof date
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select to_date(right(part.relname::text, 7), 'YYYY_MM')
  from pg_catalog.pg_inherits as inheritance join pg_catalog.pg_class as part on part.oid = inheritance.inhrelid
  where inheritance.inhparent = 'public.offer_event'::regclass order by 1;
end;

revoke all on function app.uuid_floor(timestamptz), app.counted_events(uuid, text, date), app.days_of_hour(timestamptz, text),
  app.recount_market(uuid, text), app.roll_up(integer), app.check_rollup(date, date), app.event_months() from public;
grant execute on function app.roll_up(integer), app.check_rollup(date, date) to bulkhead_partner;
grant execute on function app.event_months() to bulkhead_admin;
reset role;
