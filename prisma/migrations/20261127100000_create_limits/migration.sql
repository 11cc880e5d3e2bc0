-- What a plan limits, and the law of it: one counter row for each market and limit, which triggers move in the
-- transaction of what is counted. Whoever writes, the counter's row lets them pass one after the other.

alter table plan
  add column max_devices integer not null default 1,
  add column max_sync_pushes integer not null default 1000,
  add column max_messages integer not null default 0,
  drop constraint plan_limits_check,
  add constraint plan_limits_check check (
    monthly_price >= 0 and least(max_branches, max_live_offers, max_team_members) > 0
    and least(max_devices, max_sync_pushes, max_messages) >= 0
    and greatest(max_branches, max_live_offers, max_team_members, max_devices, max_sync_pushes, max_messages) <= 10000000
  );
alter table plan
  alter column max_devices drop default,
  alter column max_sync_pushes drop default,
  alter column max_messages drop default;

-- The figures that the plans come with, unless somebody has changed them. FORCE binds the owner too.
alter table plan no force row level security;
update plan set max_live_offers = 30, max_devices = 1, max_sync_pushes = 1000, max_messages = 100
  where id = 'free' and (max_branches, max_live_offers, max_team_members) = (2, 5, 3);
update plan set max_live_offers = 150, max_devices = 5, max_sync_pushes = 10000, max_messages = 2000
  where id = 'basic' and (max_branches, max_live_offers, max_team_members) = (5, 20, 8);
update plan set max_live_offers = 1000, max_devices = 100, max_sync_pushes = 200000, max_messages = 25000
  where id = 'pro' and (max_branches, max_live_offers, max_team_members) = (50, 250, 40);
alter table plan force row level security;

create policy admin_update on plan for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  monthly_price, max_branches, max_live_offers, max_team_members, max_devices, max_sync_pushes, max_messages
) on plan to bulkhead_admin;
create policy limits_select on plan for select to bulkhead_limits
  using (true);
grant select on plan to bulkhead_limits;

-- What was changed about a plan, when, by whom and why.
create table plan_change (
  id uuid not null,
  plan_id text not null,
  staff_user_id uuid not null,
  changed_at timestamptz(3) not null default current_timestamp,
  reason text not null,
  changes jsonb not null,

  constraint plan_change_pkey primary key (id),
  constraint plan_change_reason_check check (char_length(reason) between 1 and 500),
  constraint plan_change_plan_id_fkey foreign key (plan_id) references plan(id) on delete restrict on update no action,
  constraint plan_change_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
create index plan_change_plan_id_changed_at_idx on plan_change(plan_id, changed_at);
alter table plan_change enable row level security;
alter table plan_change force row level security;
create policy admin_select on plan_change for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on plan_change to bulkhead_admin;
create policy admin_insert on plan_change for insert to bulkhead_admin
  with check (((select app.is_operator()) and (staff_user_id = (select app.actor_id()))));
grant insert (
  id, plan_id, staff_user_id, changed_at, reason, changes
) on plan_change to bulkhead_admin;

-- A limit of one market alone, from a time until another; of those in force the newest counts. Never deleted: the past
-- ones are the history.
create table limit_override (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  name text not null,
  cap integer not null,
  starts_at timestamptz(3) not null default current_timestamp,
  ends_at timestamptz(3),
  reason text not null,
  created_by uuid not null,
  created_at timestamptz(3) not null default current_timestamp,

  constraint limit_override_pkey primary key (market_id, id),
  constraint limit_override_name_check check (name in ('live_offers', 'branches', 'members', 'devices', 'sync_pushes', 'messages')),
  constraint limit_override_cap_check check (cap between 0 and 10000000),
  constraint limit_override_period_check check (ends_at >= starts_at),
  constraint limit_override_reason_check check (char_length(reason) between 1 and 500),
  constraint limit_override_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index limit_override_market_id_name_created_at_idx on limit_override(market_id, name, created_at);
alter table limit_override
  alter column cap set statistics 0,
  alter column reason set statistics 0;
alter table limit_override enable row level security;
alter table limit_override force row level security;
create policy partner_select on limit_override for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select (
  market_id, id, name, cap, starts_at, ends_at, created_at
) on limit_override to bulkhead_partner;
create policy admin_select on limit_override for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on limit_override to bulkhead_admin;
create policy admin_insert on limit_override for insert to bulkhead_admin
  with check (((select app.is_operator()) and (created_by = (select app.actor_id()))));
grant insert (
  market_id, id, name, cap, starts_at, ends_at, reason, created_by, created_at
) on limit_override to bulkhead_admin;
create policy admin_update on limit_override for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  ends_at
) on limit_override to bulkhead_admin;
create policy limits_select on limit_override for select to bulkhead_limits
  using (true);
grant select on limit_override to bulkhead_limits;

-- The counter. `period` is 1970-01-01 for what there is now, the first of the market's month for what a month may have.
-- Of live offers it holds those that were not past their end at `counted_at`: time passes without anybody writing.
create table limit_use (
  market_id uuid not null default app.market_id(),
  name text not null,
  period date not null default '1970-01-01',
  used integer not null default 0,
  counted_at timestamptz(3) not null default '1970-01-01 00:00:00+00',

  constraint limit_use_pkey primary key (market_id, name, period),
  constraint limit_use_name_check check (name in ('live_offers', 'branches', 'members', 'devices', 'sync_pushes', 'messages')),
  constraint limit_use_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table limit_use
  alter column used set statistics 0;
alter table limit_use enable row level security;
alter table limit_use force row level security;
create policy partner_select on limit_use for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on limit_use to bulkhead_partner;
create policy admin_select on limit_use for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on limit_use to bulkhead_admin;
create policy partner_gate_select on limit_use for select to bulkhead_partner_gate
  using (true);
grant select (
  market_id
) on limit_use to bulkhead_partner_gate;
create policy limits_select on limit_use for select to bulkhead_limits
  using (true);
grant select on limit_use to bulkhead_limits;
create policy limits_insert on limit_use for insert to bulkhead_limits
  with check (true);
grant insert (
  market_id, name, period, used, counted_at
) on limit_use to bulkhead_limits;
create policy limits_update on limit_use for update to bulkhead_limits
  using (true)
  with check (true);
grant update (
  used, counted_at
) on limit_use to bulkhead_limits;

-- The most that there was of a thing during a month: the history of what is not counted by month anyway.
create table limit_peak (
  market_id uuid not null default app.market_id(),
  name text not null,
  month date not null,
  peak integer not null,

  constraint limit_peak_pkey primary key (market_id, name, month),
  constraint limit_peak_name_check check (name in ('live_offers', 'branches', 'members', 'devices')),
  constraint limit_peak_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table limit_peak
  alter column peak set statistics 0;
alter table limit_peak enable row level security;
alter table limit_peak force row level security;
create policy partner_select on limit_peak for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on limit_peak to bulkhead_partner;
create policy admin_select on limit_peak for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on limit_peak to bulkhead_admin;
create policy limits_select on limit_peak for select to bulkhead_limits
  using (true);
grant select on limit_peak to bulkhead_limits;
create policy limits_insert on limit_peak for insert to bulkhead_limits
  with check (true);
grant insert (
  market_id, name, month, peak
) on limit_peak to bulkhead_limits;
create policy limits_update on limit_peak for update to bulkhead_limits
  using (true)
  with check (true);
grant update (
  peak
) on limit_peak to bulkhead_limits;

-- A counter that was not what there is: found, put right, and shown until an operator has seen it.
create table limit_drift (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  name text not null,
  period date not null,
  recorded integer not null,
  counted integer not null,
  found_at timestamptz(3) not null default current_timestamp,
  acknowledged_at timestamptz(3),
  acknowledged_by uuid,

  constraint limit_drift_pkey primary key (market_id, id),
  constraint limit_drift_name_check check (name in ('live_offers', 'branches', 'members', 'devices', 'sync_pushes', 'messages')),
  constraint limit_drift_acknowledged_check check ((acknowledged_at is null) = (acknowledged_by is null)),
  constraint limit_drift_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index limit_drift_found_at_idx on limit_drift(found_at);
alter table limit_drift
  alter column recorded set statistics 0,
  alter column counted set statistics 0;
alter table limit_drift enable row level security;
alter table limit_drift force row level security;
create policy admin_select on limit_drift for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on limit_drift to bulkhead_admin;
create policy admin_update on limit_drift for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  acknowledged_at, acknowledged_by
) on limit_drift to bulkhead_admin;
create policy limits_insert on limit_drift for insert to bulkhead_limits
  with check (true);
grant insert (
  market_id, id, name, period, recorded, counted
) on limit_drift to bulkhead_limits;

-- What the counters' owner has to know: who is on which plan, and how much there is, and nothing of what it says.
create policy limits_select on market for select to bulkhead_limits
  using (true);
grant select (
  id, plan_id, time_zone
) on market to bulkhead_limits;
create policy limits_select on offer for select to bulkhead_limits
  using (true);
grant select (
  market_id, state, ends_at
) on offer to bulkhead_limits;
create policy limits_select on branch for select to bulkhead_limits
  using (true);
grant select (
  market_id, state
) on branch to bulkhead_limits;
create policy limits_select on team_member for select to bulkhead_limits
  using (true);
grant select (
  market_id, state
) on team_member to bulkhead_limits;
create policy limits_select on device for select to bulkhead_limits
  using (true);
grant select (
  market_id, state
) on device to bulkhead_limits;

-- Markets that are there already begin with what they have.
set role bulkhead_limits;
insert into limit_use (market_id, name, used, counted_at)
  select market_id, 'live_offers', count(*), current_timestamp from offer
    where state in ('live', 'submitted') and coalesce(ends_at > current_timestamp, true) group by market_id
  union all select market_id, 'branches', count(*), current_timestamp from branch where state = 'open' group by market_id
  union all select market_id, 'members', count(*), current_timestamp from team_member
    where state in ('active', 'invited') group by market_id
  union all select market_id, 'devices', count(*), current_timestamp from device where state = 'active' group by market_id;
reset role;

set role bulkhead_context;
grant execute on function app.signed_market_id(), app.market_id(), app.claims(), app.uuid_at(timestamptz) to bulkhead_limits;
grant create on schema app to bulkhead_limits;
reset role;
set role bulkhead_limits;

-- What a market may have now: the newest of its own limits in force, else its plan's.
create function app.limit_cap(holder uuid, limit_name text) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
return coalesce(
  (select own.cap from public.limit_override as own
    where own.market_id = holder and own.name = limit_name
      and own.starts_at <= clock_timestamp() and coalesce(own.ends_at > clock_timestamp(), true)
    order by own.created_at desc, own.id desc limit 1),
  (select case limit_name
      when 'live_offers' then plan.max_live_offers
      when 'branches' then plan.max_branches
      when 'members' then plan.max_team_members
      when 'devices' then plan.max_devices
      when 'sync_pushes' then plan.max_sync_pushes
      when 'messages' then plan.max_messages
    end
    from public.market join public.plan on plan.id = market.plan_id where market.id = holder)
);

-- First of the month that an instant falls into, by the market's own clock.
create function app.limit_month(holder uuid, instant timestamptz) returns date
language sql volatile
set search_path = pg_catalog, pg_temp
return (select date_trunc('month', instant at time zone market.time_zone)::date from public.market where market.id = holder);

-- BH010, in words that a program can read: server/plans/plan-limit.error.ts.
create function app.refuse_limit(holder uuid, limit_name text, used integer, cap integer) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'BH010', message = (
    select json_build_object('limit', limit_name, 'use', used, 'cap', cap, 'plan', market.plan_id)::text
    from public.market where market.id = holder
  );
end
$$;

-- Takes the counter's row for the rest of the transaction. Whoever waits here sees, in the statements that follow, what
-- the one before has committed; a transaction that can't see it (REPEATABLE READ and above) ends with 40001.
create function app.hold_limit(holder uuid, limit_name text, month date) returns limit_use
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  held public.limit_use;
begin
  for attempt in 1..2 loop
    select * into held from public.limit_use as counter
      where counter.market_id = holder and counter.name = limit_name and counter.period = month for update;
    exit when found;
    insert into public.limit_use (market_id, name, period) values (holder, limit_name, month) on conflict do nothing;
  end loop;
  return held;
end
$$;

create function app.note_peak(holder uuid, limit_name text, number integer) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  insert into public.limit_peak as known (market_id, name, month, peak)
    values (holder, limit_name, app.limit_month(holder, clock_timestamp()), number)
    on conflict (market_id, name, month) do update set peak = excluded.peak where known.peak < excluded.peak;
end;

-- Moves a counter whose row is held, or refuses. Less is always possible, also above the cap.
create function app.move_limit(holder uuid, limit_name text, delta integer) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  held constant public.limit_use := app.hold_limit(holder, limit_name, '1970-01-01');
  cap constant integer := app.limit_cap(holder, limit_name);
begin
  update public.limit_use as counter set used = counter.used + delta
    where counter.market_id = holder and counter.name = limit_name and counter.period = held.period
      and (delta <= 0 or counter.used + delta <= cap);
  if not found then
    perform app.refuse_limit(holder, limit_name, held.used, cap);
  end if;
  if delta > 0 then
    perform app.note_peak(holder, limit_name, held.used + delta);
  end if;
end
$$;

-- Things that count while they are in one of the states named: AFTER, so that the rows' own policies have spoken, and
-- once for each statement, so that all of its rows are there. Arguments: limit, states.
create function app.count_standing() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  counting constant text[] := string_to_array(tg_argv[1], ',');
  moved record;
begin
  if tg_op = 'INSERT' then
    for moved in select fresh.market_id, count(*)::int as delta from fresh where fresh.state = any (counting)
        group by fresh.market_id order by fresh.market_id loop
      perform app.move_limit(moved.market_id, tg_argv[0], moved.delta);
    end loop;
  elsif tg_op = 'DELETE' then
    for moved in select gone.market_id, count(*)::int as delta from gone where gone.state = any (counting)
        group by gone.market_id order by gone.market_id loop
      perform app.move_limit(moved.market_id, tg_argv[0], - moved.delta);
    end loop;
  else
    for moved in
      select each.market_id, sum(each.n)::int as delta from (
        select fresh.market_id, 1 as n from fresh where fresh.state = any (counting)
        union all select gone.market_id, -1 from gone where gone.state = any (counting)
      ) as each group by each.market_id having sum(each.n) <> 0 order by each.market_id
    loop
      perform app.move_limit(moved.market_id, tg_argv[0], moved.delta);
    end loop;
  end if;
  return null;
end
$$;

-- How much of a thing there is, of offers at an instant. NULL where nothing but the counter knows.
create function app.recount_limit(holder uuid, limit_name text, instant timestamptz) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
return case limit_name
  when 'live_offers' then (select count(*)::int from public.offer where offer.market_id = holder
    and offer.state in ('live', 'submitted') and coalesce(offer.ends_at > instant, true))
  when 'branches' then (select count(*)::int from public.branch where branch.market_id = holder and branch.state = 'open')
  when 'members' then (select count(*)::int from public.team_member where team_member.market_id = holder
    and team_member.state in ('active', 'invited'))
  when 'devices' then (select count(*)::int from public.device where device.market_id = holder and device.state = 'active')
end;

-- Offers hold a slot from submission until they are withdrawn, rejected, ended or past their end. `ups` and `downs` are
-- the ends of those that took and gave up one (infinity for none).
create function app.move_offers(holder uuid, ups timestamptz[], downs timestamptz[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  held constant public.limit_use := app.hold_limit(holder, 'live_offers', '1970-01-01');
  cap constant integer := app.limit_cap(holder, 'live_offers');
  delta integer := (select count(*) from unnest(ups) as up where up > held.counted_at)
    - (select count(*) from unnest(downs) as down where down > held.counted_at);
  instant constant timestamptz(3) := clock_timestamp();
  present integer;
begin
  if delta <= 0 or held.used + delta <= cap then
    update public.limit_use as counter set used = counter.used + delta
      where counter.market_id = holder and counter.name = 'live_offers' and counter.period = held.period
        and (delta <= 0 or counter.used + delta <= cap);
  else
    -- Full by the counter: some may be past their end by now. This statement's own offers are among those counted.
    present := app.recount_limit(holder, 'live_offers', instant);
    delta := (select count(*) from unnest(ups) as up where up > instant)
      - (select count(*) from unnest(downs) as down where down > instant);
    if delta > 0 and present > cap then
      perform app.refuse_limit(holder, 'live_offers', present - delta, cap);
    end if;
    update public.limit_use as counter set used = present, counted_at = instant
      where counter.market_id = holder and counter.name = 'live_offers' and counter.period = held.period;
  end if;
  if delta > 0 then
    perform app.note_peak(holder, 'live_offers', app.recount_limit(holder, 'live_offers', instant));
  end if;
end
$$;

create function app.count_live_offers() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  moved record;
begin
  if tg_op = 'INSERT' then
    for moved in select fresh.market_id, array_agg(coalesce(fresh.ends_at, 'infinity')) as ups from fresh
        where fresh.state in ('live', 'submitted') group by fresh.market_id order by fresh.market_id loop
      perform app.move_offers(moved.market_id, moved.ups, '{}');
    end loop;
  elsif tg_op = 'DELETE' then
    for moved in select gone.market_id, array_agg(coalesce(gone.ends_at, 'infinity')) as downs from gone
        where gone.state in ('live', 'submitted') group by gone.market_id order by gone.market_id loop
      perform app.move_offers(moved.market_id, '{}', moved.downs);
    end loop;
  else
    for moved in
      select changed.market_id, array_agg(changed.up) filter (where changed.up is not null) as ups,
        array_agg(changed.down) filter (where changed.down is not null) as downs
      from (
        select fresh.market_id,
          case when fresh.state in ('live', 'submitted') then coalesce(fresh.ends_at, 'infinity') end as up,
          case when gone.state in ('live', 'submitted') then coalesce(gone.ends_at, 'infinity') end as down
        from fresh join gone on gone.market_id = fresh.market_id and gone.id = fresh.id
      ) as changed
      where changed.up is distinct from changed.down group by changed.market_id order by changed.market_id
    loop
      perform app.move_offers(moved.market_id, coalesce(moved.ups, '{}'), coalesce(moved.downs, '{}'));
    end loop;
  end if;
  return null;
end
$$;

-- Whoever changes what a market may have waits for those who are counting, and they for the change: a transaction that
-- began before a lower limit was committed can't go on by the old one.
create function app.touch_limits() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  holders uuid[];
begin
  if tg_table_name = 'market' then
    holders := array[new.id];
  elsif tg_table_name = 'limit_override' then
    holders := array[new.market_id];
  else
    holders := array(select market.id from public.market where market.plan_id = new.id);
  end if;
  with held as (
    select counter.market_id, counter.name, counter.period from public.limit_use as counter
    where counter.market_id = any (holders) order by counter.market_id, counter.name, counter.period for update
  )
  update public.limit_use as counter set used = counter.used from held
    where counter.market_id = held.market_id and counter.name = held.name and counter.period = held.period;
  return null;
end
$$;

-- For functions of the context's owner alone: a login could hand quota back to itself. The market is the signed one,
-- the month that of `instant` by its clock.

-- Takes n of a monthly quota, or raises BH010. @returns what is left.
create function app.take_quota(limit_name text, n integer, instant timestamptz) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  holder constant uuid := app.signed_market_id();
  taken constant integer := app.try_quota(limit_name, n, instant);
  cap constant integer := app.limit_cap(holder, limit_name);
  held public.limit_use;
begin
  held := app.hold_limit(holder, limit_name, app.limit_month(holder, instant));
  if taken < n then
    perform app.refuse_limit(holder, limit_name, held.used - taken, cap);
  end if;
  return cap - held.used;
end
$$;

-- Takes as many as there are, up to n. @returns how many.
create function app.try_quota(limit_name text, n integer, instant timestamptz) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  holder constant uuid := app.signed_market_id();
  held public.limit_use;
  taken integer;
begin
  if holder is null then
    raise exception 'there is no market to take a quota of' using errcode = 'insufficient_privilege';
  end if;
  if limit_name not in ('sync_pushes', 'messages') or n is null or n < 0 then
    raise exception 'no such quota' using errcode = 'invalid_parameter_value';
  end if;
  held := app.hold_limit(holder, limit_name, app.limit_month(holder, instant));
  taken := least(n, greatest(app.limit_cap(holder, limit_name) - held.used, 0));
  update public.limit_use as counter set used = counter.used + taken
    where counter.market_id = holder and counter.name = limit_name and counter.period = held.period;
  return taken;
end
$$;

-- Gives n of a month back. More than was taken is drift: what there is goes back, and the rest is reported.
create function app.return_quota(limit_name text, month date, n integer) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  holder constant uuid := app.signed_market_id();
  held public.limit_use;
begin
  if holder is null then
    raise exception 'there is no market to return a quota to' using errcode = 'insufficient_privilege';
  end if;
  if limit_name not in ('sync_pushes', 'messages') or n is null or n < 0 then
    raise exception 'no such quota' using errcode = 'invalid_parameter_value';
  end if;
  held := app.hold_limit(holder, limit_name, month);
  update public.limit_use as counter set used = greatest(held.used - n, 0)
    where counter.market_id = holder and counter.name = limit_name and counter.period = month;
  if held.used < n then
    insert into public.limit_drift (market_id, id, name, period, recorded, counted)
      values (holder, app.uuid_at(clock_timestamp()), limit_name, month, held.used - n, 0);
  end if;
end
$$;

-- Counts anew what the signed market has, puts a counter right that said otherwise, and keeps both numbers.
-- @returns how many counters were wrong.
create function app.check_limits() returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  holder constant uuid := app.market_id();
  instant constant timestamptz(3) := clock_timestamp();
  held public.limit_use;
  each text;
  found_then integer;
  found_now integer;
  wrong integer := 0;
begin
  if holder is null then
    return null;
  end if;
  -- In the order of their names, as touch_limits() takes them.
  foreach each in array array['branches', 'devices', 'live_offers', 'members'] loop
    held := app.hold_limit(holder, each, '1970-01-01');
    found_then := app.recount_limit(holder, each, held.counted_at);
    continue when found_then is null;
    found_now := app.recount_limit(holder, each, instant);
    if found_then <> held.used then
      wrong := wrong + 1;
      insert into public.limit_drift (market_id, id, name, period, recorded, counted)
        values (holder, app.uuid_at(instant), each, held.period, held.used, found_then);
    end if;
    update public.limit_use as counter set used = found_now, counted_at = instant
      where counter.market_id = holder and counter.name = each and counter.period = held.period;
    perform app.note_peak(holder, each, found_now);
  end loop;
  return wrong;
end
$$;

revoke all on function app.limit_cap(uuid, text), app.limit_month(uuid, timestamptz),
  app.refuse_limit(uuid, text, integer, integer), app.hold_limit(uuid, text, date), app.note_peak(uuid, text, integer),
  app.move_limit(uuid, text, integer), app.count_standing(), app.recount_limit(uuid, text, timestamptz),
  app.move_offers(uuid, timestamptz[], timestamptz[]), app.count_live_offers(), app.touch_limits(),
  app.take_quota(text, integer, timestamptz), app.try_quota(text, integer, timestamptz),
  app.return_quota(text, date, integer), app.check_limits() from public;
grant execute on function app.count_standing(), app.count_live_offers(), app.touch_limits() to bulkhead_owner;
grant execute on function app.take_quota(text, integer, timestamptz), app.try_quota(text, integer, timestamptz),
  app.return_quota(text, date, integer) to bulkhead_context;
grant execute on function app.check_limits() to bulkhead_partner;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_limits;
reset role;

create trigger branch_added after insert on branch referencing new table as fresh
  for each statement execute function app.count_standing('branches', 'open');
create trigger branch_changed after update on branch referencing old table as gone new table as fresh
  for each statement execute function app.count_standing('branches', 'open');
create trigger branch_removed after delete on branch referencing old table as gone
  for each statement execute function app.count_standing('branches', 'open');
create trigger team_member_added after insert on team_member referencing new table as fresh
  for each statement execute function app.count_standing('members', 'active,invited');
create trigger team_member_changed after update on team_member referencing old table as gone new table as fresh
  for each statement execute function app.count_standing('members', 'active,invited');
create trigger team_member_removed after delete on team_member referencing old table as gone
  for each statement execute function app.count_standing('members', 'active,invited');
create trigger device_added after insert on device referencing new table as fresh
  for each statement execute function app.count_standing('devices', 'active');
create trigger device_changed after update on device referencing old table as gone new table as fresh
  for each statement execute function app.count_standing('devices', 'active');
create trigger device_removed after delete on device referencing old table as gone
  for each statement execute function app.count_standing('devices', 'active');
create trigger offer_added after insert on offer referencing new table as fresh
  for each statement execute function app.count_live_offers();
create trigger offer_changed after update on offer referencing old table as gone new table as fresh
  for each statement execute function app.count_live_offers();
create trigger offer_removed after delete on offer referencing old table as gone
  for each statement execute function app.count_live_offers();
create trigger market_moved after update of plan_id on market
  for each row when (old.plan_id is distinct from new.plan_id) execute function app.touch_limits();
create trigger plan_changed after update on plan
  for each row when (old.* is distinct from new.*) execute function app.touch_limits();
create trigger limit_override_changed after insert or update on limit_override
  for each row execute function app.touch_limits();
