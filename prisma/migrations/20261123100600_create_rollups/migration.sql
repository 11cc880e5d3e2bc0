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

-- Of the views of one offer by one visitor, one counts in each half hour. Events without a visitor count each.
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
      and event.occurred_at >= (counted_events.local_day::timestamp at time zone counted_events.zone)
      and event.occurred_at < ((counted_events.local_day + 1)::timestamp at time zone counted_events.zone)
  )
  select offer_id, branch_id, kind, extract(hour from occurred_at at time zone counted_events.zone)::smallint
  from day_event where visitor is null
  union all
  select offer_id, branch_id, kind, hour from (
    select distinct on (offer_id, branch_id, visitor, slot) offer_id, branch_id, kind,
      extract(hour from occurred_at at time zone counted_events.zone)::smallint as hour, visitor,
      date_bin('30 minutes', occurred_at, timestamptz '2000-01-01 00:00:00+00') as slot
    from day_event where visitor is not null
    order by offer_id, branch_id, visitor, slot, occurred_at, id
  ) as first_view;
end;

-- Counts again every day that queued hours point at, `most` hours at a time, for the market of the signed context.
-- Counting anew instead of adding up is what keeps it exact: a task becomes visible together with its events, and
-- whatever was committed late brings its own. Any user of the market could call it and would change nothing that is right.
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
  hours timestamptz[];
  days date[];
  each_day date;
begin
  if self is null then
    return 0;
  end if;
  select market.time_zone into zone from public.market where market.id = self;
  insert into public.rollup_state (market_id, time_zone) values (self, zone) on conflict (market_id) do nothing;
  -- One at a time for a market.
  select state.time_zone into rolled_zone from public.rollup_state as state where state.market_id = self for update;
  if rolled_zone <> zone then
    -- Days begin elsewhere now: everything is counted again.
    delete from public.event_day where event_day.market_id = self;
    delete from public.event_hour where event_hour.market_id = self;
    insert into public.rollup_task (market_id, id, hour)
      select distinct on (hour) self, gen_random_uuid(), hour
      from (select date_trunc('hour', occurred_at, 'UTC') as hour from public.offer_event where offer_event.market_id = self) as every;
    update public.rollup_state set time_zone = zone where rollup_state.market_id = self;
  end if;
  with next_task as (
    select task.id from public.rollup_task as task where task.market_id = self order by task.hour desc limit most
  ), done as (
    delete from public.rollup_task as task using next_task where task.market_id = self and task.id = next_task.id
    returning task.hour
  )
  select count(*), array_agg(distinct hour) into taken, hours from done;
  if taken > 0 then
    -- An hour of UTC may lie in two days of a zone that is half an hour off.
    select array_agg(distinct edge.day) into days
    from unnest(hours) as hour, lateral (values
      ((hour at time zone zone)::date), (((hour + interval '59 minutes 59 seconds') at time zone zone)::date)) as edge(day);
    foreach each_day in array days loop
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
  end if;
  update public.rollup_state set rolled_at = clock_timestamp() where rollup_state.market_id = self;
  return taken;
end
$$;

-- Holds the figures of some days against the events themselves, counted in another way, in one snapshot. Days that
-- still wait for app.roll_up() are left out.
-- @returns [{day, kind, byOffer, byHour, events}] for what differs, which rollup_state keeps as well.
create function app.check_rollup(first_day date, last_day date) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  self constant uuid := app.market_id();
  zone text;
  found_differences jsonb;
begin
  if self is null then
    return null;
  end if;
  select state.time_zone into zone from public.rollup_state as state where state.market_id = self for update;
  if not found then
    return '[]';
  end if;
  with waiting as (
    select distinct edge.day from public.rollup_task as task, lateral (values
      ((task.hour at time zone zone)::date), (((task.hour + interval '59 minutes 59 seconds') at time zone zone)::date)) as edge(day)
    where task.market_id = self
  ), raw as (
    select (event.occurred_at at time zone zone)::date as day, event.kind,
      count(*) filter (where event.kind <> 'view' or event.visitor is null)
        + count(distinct (event.offer_id, event.branch_id, event.visitor, floor(extract(epoch from event.occurred_at) / 1800)))
          filter (where event.kind = 'view' and event.visitor is not null) as events
    from public.offer_event as event
    where event.market_id = self
      and event.occurred_at >= (first_day::timestamp at time zone zone)
      and event.occurred_at < ((last_day + 1)::timestamp at time zone zone)
    group by 1, 2
  ), by_offer as (
    select rolled.day, rolled.kind, sum(rolled.events) as events from public.event_day as rolled
    where rolled.market_id = self and rolled.day between first_day and last_day group by 1, 2
  ), by_hour as (
    select rolled.day, rolled.kind, sum(rolled.events) as events from public.event_hour as rolled
    where rolled.market_id = self and rolled.day between first_day and last_day group by 1, 2
  )
  select coalesce(jsonb_agg(jsonb_build_object('day', day, 'kind', kind, 'byOffer', coalesce(by_offer.events, 0),
      'byHour', coalesce(by_hour.events, 0), 'events', coalesce(raw.events, 0)) order by day, kind), '[]')
    into found_differences
    from raw full join by_offer using (day, kind) full join by_hour using (day, kind)
    where day not in (select waiting.day from waiting)
      and (coalesce(raw.events, 0) <> coalesce(by_offer.events, 0) or coalesce(raw.events, 0) <> coalesce(by_hour.events, 0));
  update public.rollup_state set checked_at = clock_timestamp(), differences = found_differences
    where rollup_state.market_id = self;
  return found_differences;
end
$$;

revoke all on function app.counted_events(uuid, text, date), app.roll_up(integer), app.check_rollup(date, date) from public;
grant execute on function app.roll_up(integer), app.check_rollup(date, date) to bulkhead_partner;
reset role;
