-- Quotas are held against what was sent and pushed, too: a market's months together, because an operation does not say
-- which month paid for it, and a lease of one month may cover what comes in the next.

-- What sending again has cost beyond the first time.
alter table message_recipient add column resent integer not null default 0;
alter table message_recipient alter column resent set statistics 0;
grant update (resent) on message_recipient to bulkhead_messenger;

create policy limits_select on message_recipient for select to bulkhead_limits
  using (true);
grant select (
  market_id, state, resent
) on message_recipient to bulkhead_limits;
create policy limits_select on redemption for select to bulkhead_limits
  using (true);
grant select (
  market_id
) on redemption to bulkhead_limits;
create policy limits_select on quota_lease for select to bulkhead_limits
  using (true);
grant select (
  market_id, granted, used, returned
) on quota_lease to bulkhead_limits;

set role bulkhead_context;
grant create on schema app to bulkhead_messenger, bulkhead_limits;
reset role;
set role bulkhead_messenger;

-- As before, and what sending again costs is noted.
create or replace function app.resolve_message(asked uuid, verdict text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.market_id_as('manager');
  campaign record;
begin
  select sending.id, sending.state, sending.offer_id into campaign
    from public.message_campaign as sending
    join public.message_recipient as recipient on recipient.market_id = market and recipient.campaign_id = sending.id
    where sending.market_id = market and recipient.id = asked
    for update of sending;
  perform from public.message_recipient as recipient
    where recipient.market_id = market and recipient.id = asked and recipient.state = 'unknown' for update;
  if not found then
    raise exception 'this is known already' using errcode = 'BH044';
  end if;
  if verdict = 'sent' then
    update public.message_recipient as recipient
      set state = 'sent', sent_at = recipient.attempted_at, resolved_by = app.actor_id()
      where recipient.market_id = market and recipient.id = asked;
    return;
  end if;
  if campaign.state not in ('sending', 'sent') or not app.message_offer_holds(campaign.offer_id, current_timestamp) then
    raise exception 'the offer does not hold any more' using errcode = 'BH041';
  end if;
  perform app.reserve_messages(1, current_timestamp);
  update public.message_recipient as recipient
    set state = 'queued', resolved_by = app.actor_id(), resent = recipient.resent + 1, period = (
      select date_trunc('month', current_timestamp at time zone own.time_zone)::date from public.market as own where own.id = market
    )
    where recipient.market_id = market and recipient.id = asked;
  update public.message_campaign as resumed set state = 'sending', finished_at = null
    where resumed.market_id = market and resumed.id = campaign.id;
end
$$;

reset role;
set role bulkhead_limits;

-- All that a market's months of a quota have been used for: recipients that were not passed over and what was sent to
-- them again; operations that were taken, and what leases hold that was neither used nor given back.
create function app.recount_quota(holder uuid, limit_name text) returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
return case limit_name
  when 'messages' then (
    select coalesce(sum(recipient.resent + (recipient.state not in ('skipped', 'cancelled'))::int), 0)
    from public.message_recipient as recipient where recipient.market_id = holder
  )
  when 'sync_pushes' then (
    select count(*) from public.redemption where redemption.market_id = holder
  ) + (
    select coalesce(sum(lease.granted - lease.used - lease.returned), 0)
    from public.quota_lease as lease where lease.market_id = holder
  )
end;
revoke all on function app.recount_quota(uuid, text) from public;

-- As before, and then the quotas: what is found wrong of one is put right in the present month.
create or replace function app.check_limits() returns integer
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
  missing bigint;
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
  foreach each in array array['messages', 'sync_pushes'] loop
    -- Whoever takes from a month or gives back to one waits for its row.
    perform from public.limit_use as counter where counter.market_id = holder and counter.name = each
      order by counter.period for update;
    -- One statement, so one moment: operations that a lease covers move no counter.
    select app.recount_quota(holder, each) - coalesce(sum(counter.used), 0) into missing
      from public.limit_use as counter where counter.market_id = holder and counter.name = each;
    continue when missing = 0;
    wrong := wrong + 1;
    held := app.hold_limit(holder, each, app.limit_month(holder, instant));
    insert into public.limit_drift (market_id, id, name, period, recorded, counted)
      values (holder, app.uuid_at(instant), each, held.period, held.used, held.used + missing);
    update public.limit_use as counter set used = held.used + missing
      where counter.market_id = holder and counter.name = each and counter.period = held.period;
  end loop;
  return wrong;
end
$$;

reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_messenger, bulkhead_limits;
reset role;
