-- What tills have redeemed, and the part of a month's quota that one takes along when it goes offline. A redemption is
-- kept for ever under the id that the till gave it, with the answer that it got: asked again, it is answered the same.

alter table claim
  add column device_id uuid,
  add constraint claim_market_id_device_id_fkey foreign key (market_id, device_id) references device(market_id, id) on delete restrict on update no action;

-- A signed allowance is worth what its row says: granted − used − returned. It is settled when the till says that
-- nothing of it is left to send, or when the till is revoked.
create table quota_lease (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  device_id uuid not null,
  period date not null,
  granted integer not null,
  used integer not null default 0,
  returned integer not null default 0,
  issued_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  settled_at timestamptz(3),

  constraint quota_lease_pkey primary key (market_id, id),
  constraint quota_lease_granted_check check (least(granted, used, returned) >= 0 and used + returned <= granted),
  constraint quota_lease_market_id_device_id_fkey foreign key (market_id, device_id) references device(market_id, id) on delete restrict on update no action
);
create index quota_lease_market_id_device_id_settled_at_idx on quota_lease(market_id, device_id, settled_at);
alter table quota_lease
  alter column granted set statistics 0,
  alter column used set statistics 0,
  alter column returned set statistics 0;

-- device_at is what the till's clock said, skew_ms how far that clock was ahead when it sent; redeemed_at is the moment
-- that follows from the two, within bounds. claim_id refers to nothing: a claim that is still open goes with its shopper.
create table redemption (
  market_id uuid not null default app.market_id(),
  device_id uuid not null,
  id uuid not null,
  branch_id uuid not null,
  code text not null,
  body_hash text not null,
  lease_id uuid,
  device_at timestamptz(3) not null,
  skew_ms bigint not null default 0,
  received_at timestamptz(3) not null default current_timestamp,
  receipt text not null default '',
  state text not null default 'waiting',
  kind text,
  claim_id uuid,
  redeemed_at timestamptz(3),
  answer jsonb not null default '{}',
  resolution text,
  resolution_note text,
  resolved_at timestamptz(3),
  resolved_by uuid,

  constraint redemption_pkey primary key (market_id, device_id, id),
  constraint redemption_code_check check (char_length(code) <= 40),
  constraint redemption_body_hash_check check (char_length(body_hash) <= 64),
  constraint redemption_receipt_check check (char_length(receipt) <= 64),
  constraint redemption_state_check check (state in ('waiting', 'applied', 'conflict')),
  constraint redemption_kind_check check (kind in ('redeemed', 'cancelled', 'expired', 'unknown', 'elsewhere')),
  constraint redemption_conflict_check check ((state = 'conflict') = (kind is not null)),
  constraint redemption_resolution_check check (resolution in ('honoured', 'refunded', 'written-off')),
  constraint redemption_resolved_check check (resolution is null or state = 'conflict'),
  constraint redemption_resolution_note_check check (char_length(resolution_note) <= 500),
  constraint redemption_market_id_device_id_fkey foreign key (market_id, device_id) references device(market_id, id) on delete restrict on update no action,
  constraint redemption_market_id_branch_id_fkey foreign key (market_id, branch_id) references branch(market_id, id) on delete restrict on update no action
);
create index redemption_market_id_state_resolution_received_at_idx on redemption(market_id, state, resolution, received_at);
create index redemption_market_id_claim_id_idx on redemption(market_id, claim_id);
create index redemption_state_received_at_idx on redemption(state, received_at);
alter table redemption
  alter column code set statistics 0,
  alter column body_hash set statistics 0,
  alter column skew_ms set statistics 0,
  alter column receipt set statistics 0,
  alter column answer set statistics 0,
  alter column resolution_note set statistics 0;

alter table redemption enable row level security;
alter table redemption force row level security;
create policy partner_select on redemption for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on redemption to bulkhead_partner;
create policy partner_update on redemption for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))))
  with check ((market_id = (select app.market_id_as('manager'))));
grant update (
  resolution, resolution_note
) on redemption to bulkhead_partner;
create policy admin_select on redemption for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on redemption to bulkhead_admin;
create policy device_select on redemption for select to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (device_id = (select app.device_id()))));
grant select (
  market_id, device_id, id, branch_id, code, body_hash, lease_id, device_at, skew_ms, state, redeemed_at, received_at, answer
) on redemption to bulkhead_device;
create policy device_insert on redemption for insert to bulkhead_device
  with check (((market_id = (select app.device_market_id())) and (device_id = (select app.device_id())) and (branch_id = (select app.device_branch_id()))));
grant insert (
  market_id, device_id, id, branch_id, code, body_hash, lease_id, device_at, skew_ms, receipt
) on redemption to bulkhead_device;
create policy sync_select on redemption for select to bulkhead_sync
  using ((market_id = (select app.signed_market_id())));
grant select on redemption to bulkhead_sync;
create policy sync_update on redemption for update to bulkhead_sync
  using ((market_id = (select app.signed_market_id())))
  with check ((market_id = (select app.signed_market_id())));
grant update (
  state, kind, claim_id, redeemed_at, answer
) on redemption to bulkhead_sync;
create policy sync_delete on redemption for delete to bulkhead_sync
  using ((market_id = (select app.signed_market_id())));
grant delete on redemption to bulkhead_sync;

alter table quota_lease enable row level security;
alter table quota_lease force row level security;
create policy partner_select on quota_lease for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on quota_lease to bulkhead_partner;
create policy admin_select on quota_lease for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on quota_lease to bulkhead_admin;
create policy device_select on quota_lease for select to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (device_id = (select app.device_id()))));
grant select on quota_lease to bulkhead_device;
create policy sync_select on quota_lease for select to bulkhead_sync
  using ((market_id = (select app.signed_market_id())));
grant select on quota_lease to bulkhead_sync;
create policy sync_insert on quota_lease for insert to bulkhead_sync
  with check ((market_id = (select app.signed_market_id())));
grant insert (
  market_id, id, device_id, period, granted, issued_at, expires_at
) on quota_lease to bulkhead_sync;
create policy sync_update on quota_lease for update to bulkhead_sync
  using ((market_id = (select app.signed_market_id())))
  with check ((market_id = (select app.signed_market_id())));
grant update (
  granted, used, returned, expires_at, settled_at
) on quota_lease to bulkhead_sync;

create policy device_select on claim for select to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (select true as bool from sync_reach where ((sync_reach.market_id = claim.market_id) and (sync_reach.offer_id = claim.offer_id) and sync_reach.holds) limit 1)));
grant select (
  market_id, id, offer_id, code, state, title_en, title_ar, price, currency, claimed_at, expires_at, redeemed_at
) on claim to bulkhead_device;
create policy sync_select on claim for select to bulkhead_sync
  using (true);
grant select (
  market_id, id, offer_id, code, state, claimed_at, expires_at, redeemed_at, branch_id, device_id
) on claim to bulkhead_sync;
create policy sync_update on claim for update to bulkhead_sync
  using ((market_id = (select app.signed_market_id())))
  with check ((market_id = (select app.signed_market_id())));
grant update (
  state, redeemed_at, branch_id, device_id
) on claim to bulkhead_sync;
create policy sync_select on device for select to bulkhead_sync
  using (true);
grant select (
  market_id, id, name
) on device to bulkhead_sync;
create policy sync_insert on audit_entry for insert to bulkhead_sync
  with check ((market_id = (select app.signed_market_id())));
grant insert (
  market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id, details, receipt
) on audit_entry to bulkhead_sync;

set role bulkhead_context;

-- As before; but what a till has redeemed is decided in app.settle_redemptions(), which alone may name a device.
create or replace function app.redeem_claim() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state <> 'open' or new.state <> 'redeemed' then
    raise exception 'the claim is not open' using errcode = 'BH004';
  end if;
  if new.device_id is not null then
    return new;
  end if;
  if old.expires_at <= statement_timestamp() then
    raise exception 'the claim has expired' using errcode = 'BH005';
  end if;
  new.redeemed_at := statement_timestamp();
  new.redeemed_by := app.actor_id();
  return new;
end
$$;

grant execute on function app.device_market_id() to bulkhead_limits;
grant create on schema app to bulkhead_limits;
reset role;
set role bulkhead_limits;

-- What a till may know of its market's month, so that it can say in time that there is little left.
create function app.sync_quota() returns table (use integer, cap integer)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  holder constant uuid := app.device_market_id();
begin
  return query select
    coalesce((
      select counter.used from public.limit_use as counter
      where counter.market_id = holder and counter.name = 'sync_pushes'
        and counter.period = app.limit_month(holder, statement_timestamp())
    ), 0),
    app.limit_cap(holder, 'sync_pushes');
end
$$;

revoke all on function app.sync_quota() from public;
grant execute on function app.sync_quota() to bulkhead_device;
grant execute on function app.take_quota(text, integer, timestamptz), app.try_quota(text, integer, timestamptz),
  app.return_quota(text, date, integer) to bulkhead_sync;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_limits;
reset role;
set role bulkhead_sync;

-- Which of a batch's operations are paid for already: of each lease as many as are left of it, the oldest first. Of
-- another till's lease, none.
create function app.use_leases(holder uuid, device uuid, ids uuid[], leases uuid[]) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  covered uuid[];
begin
  perform from public.quota_lease as lease
    where lease.market_id = holder and lease.device_id = device and lease.id = any (leases)
    order by lease.id for no key update;
  select array_agg(asked.id) into covered
    from (
      select each.id, each.lease, row_number() over (partition by each.lease order by each.id) as turn
      from unnest(ids, leases) as each (id, lease)
    ) as asked
    join public.quota_lease as lease
      on lease.market_id = holder and lease.device_id = device and lease.id = asked.lease
    where asked.turn <= lease.granted - lease.used - lease.returned;
  update public.quota_lease as lease set used = lease.used + taken.number
    from (
      select each.lease, count(*)::integer as number from unnest(ids, leases) as each (id, lease)
      where each.id = any (covered) group by each.lease
    ) as taken
    where lease.market_id = holder and lease.id = taken.lease;
  return coalesce(covered, '{}');
end
$$;

-- Decides what a till has just handed in, all of one statement together. The rows have passed the till's own policies,
-- and of those that were there already none is among them. What the month has no room for is taken out again. Claims
-- are locked in one order before anything is read of them: of two who redeem the same, the second finds it redeemed.
create function app.settle_redemptions() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  own record;
  instant constant timestamptz(3) := statement_timestamp();
  covered uuid[];
  others uuid[];
  refused uuid[];
begin
  select fresh.market_id, fresh.device_id, fresh.branch_id, device.name into own
    from fresh join public.device on device.market_id = fresh.market_id and device.id = fresh.device_id limit 1;
  if not found then
    return null;
  end if;
  covered := app.use_leases(own.market_id, own.device_id,
    array(select fresh.id from fresh where fresh.lease_id is not null order by fresh.id),
    array(select fresh.lease_id from fresh where fresh.lease_id is not null order by fresh.id));
  others := array(select fresh.id from fresh where fresh.id <> all (covered) order by fresh.id);
  if cardinality(others) > 0 then
    refused := others[app.try_quota('sync_pushes', cardinality(others), instant) + 1:];
    delete from public.redemption
      where redemption.market_id = own.market_id and redemption.device_id = own.device_id and redemption.id = any (refused);
  end if;
  perform from public.claim
    where claim.market_id = own.market_id
      and claim.code in (select fresh.code from fresh where fresh.id <> all (coalesce(refused, '{}')))
    order by claim.id for no key update;
  with found_claim as (
    select fresh.id, fresh.code, fresh.receipt, claim.id as claim_id, claim.offer_id, claim.state, claim.expires_at,
      claim.redeemed_at as redeemed_before, claim.device_id as redeemed_on,
      least(instant, greatest(fresh.device_at - fresh.skew_ms * interval '1 millisecond', claim.claimed_at,
        instant - interval '30 days')) as told_at,
      exists (
        select from public.sync_reach as reach
        where reach.market_id = claim.market_id and reach.offer_id = claim.offer_id and reach.holds
          and reach.branch_id in (own.branch_id, '00000000-0000-0000-0000-000000000000')
      ) as holds
    from fresh left join public.claim on claim.market_id = own.market_id and claim.code = fresh.code
    where fresh.id <> all (coalesce(refused, '{}'))
  ), judged as (
    select found_claim.*, case
        when claim_id is null then 'unknown'
        when not holds then 'elsewhere'
        when state = 'cancelled' then 'cancelled'
        when state = 'redeemed' then 'redeemed'
        when expires_at <= told_at then 'expired'
      end as fault
    from found_claim
  ), turned as (
    select judged.*, row_number() over (partition by code, fault is null order by id) as turn,
      first_value(told_at) over (partition by code, fault is null order by id) as first_at
    from judged
  ), decided as materialized (
    select id, code, receipt, claim_id, offer_id, told_at,
      case when fault is null and turn > 1 then 'redeemed' else fault end as kind,
      case when fault is null then first_at else redeemed_before end as redeemed_before,
      case when fault is null or redeemed_on = own.device_id then 'self' when redeemed_on is null then 'portal' else 'till' end as redeemed_by
    from turned
  ), applied as (
    update public.claim
      set state = 'redeemed', redeemed_at = decided.told_at, branch_id = own.branch_id, device_id = own.device_id
      from decided
      where decided.kind is null and claim.market_id = own.market_id and claim.id = decided.claim_id
  ), audited as (
    insert into public.audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type,
        subject_id, details, receipt)
      select own.market_id, app.uuid_at(instant), instant, 'device', 'device', own.device_id, own.name,
        case when kind is null then 'claim.redeem' else 'redemption.conflict' end,
        case when kind is null then 'claim' else 'redemption' end, coalesce(case when kind is null then claim_id end, id),
        jsonb_strip_nulls(jsonb_build_object('code', code, 'offerId', offer_id, 'kind', kind)), receipt
      from decided
  )
  update public.redemption
    set state = case when decided.kind is null then 'applied' else 'conflict' end,
      kind = decided.kind, claim_id = decided.claim_id, redeemed_at = decided.told_at,
      -- A till is not told whether a code that is none of its branch's is any other's.
      answer = jsonb_strip_nulls(case
        when decided.kind is null then jsonb_build_object('redeemedAt', decided.told_at)
        when decided.kind in ('unknown', 'elsewhere') then jsonb_build_object('kind', 'unknown')
        when decided.kind = 'redeemed' then jsonb_build_object('kind', 'redeemed', 'redeemedAt', decided.redeemed_before,
          'redeemedBy', decided.redeemed_by)
        else jsonb_build_object('kind', decided.kind)
      end)
    from decided
    where redemption.market_id = own.market_id and redemption.device_id = own.device_id and redemption.id = decided.id;
  return null;
end
$$;

-- BH030: not a conflict, or decided already. Who decided and when is what happened, whatever the statement says.
create function app.keep_resolution() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state <> 'conflict' or old.resolution is not null or new.resolution is null then
    raise exception 'there is no conflict to decide' using errcode = 'BH030';
  end if;
  new.resolved_at := statement_timestamp();
  new.resolved_by := app.actor_id();
  return new;
end
$$;

-- The allowance that a till goes offline with: `asked` redemptions from now on, out of what is left of its lease and of the
-- month's quota; fewer when there are no more. A till has one lease a month, which grows: asking again because the answer
-- was lost takes nothing twice, and what was redeemed under it meanwhile stays covered. BH010 when there is none at all.
create function app.issue_lease(asked integer) returns setof public.quota_lease
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  holder constant uuid := app.device_market_id();
  device constant uuid := app.device_id();
  instant constant timestamptz(3) := statement_timestamp();
  month constant date := (
    select date_trunc('month', instant at time zone market.time_zone) from public.market where market.id = holder
  );
  wanted integer := least(greatest(asked, 1), 1000);
  held public.quota_lease;
begin
  if holder is null then
    raise exception 'only a till that works has leases' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(7202613, hashtext(device::text));
  select * into held from public.quota_lease as lease
    where lease.market_id = holder and lease.device_id = device and lease.settled_at is null and lease.period = month
    for no key update;
  wanted := greatest(wanted - coalesce(held.granted - held.used, 0), 0);
  if wanted > 0 then
    wanted := app.try_quota('sync_pushes', wanted, instant);
  end if;
  if held.id is not null then
    update public.quota_lease as lease
      set granted = lease.granted + wanted, expires_at = instant + interval '72 hours'
      where lease.market_id = holder and lease.id = held.id
      returning * into held;
    if held.granted = held.used then
      perform app.take_quota('sync_pushes', 1, instant);
    end if;
    return next held;
    return;
  end if;
  if wanted = 0 then
    perform app.take_quota('sync_pushes', 1, instant);
  end if;
  insert into public.quota_lease (market_id, id, device_id, period, granted, issued_at, expires_at)
    values (holder, app.uuid_at(instant), device, month, wanted, instant, instant + interval '72 hours')
    returning * into held;
  return next held;
end
$$;

-- Nothing of the lease is left to send: what was not used goes back to its month. Once; asked again, the same answer.
create function app.settle_lease(lease_id uuid) returns setof public.quota_lease
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held public.quota_lease;
begin
  select * into held from public.quota_lease as lease
    where lease.market_id = app.device_market_id() and lease.device_id = app.device_id() and lease.id = lease_id
    for no key update;
  if not found then
    return;
  end if;
  if held.settled_at is null then
    perform app.return_quota('sync_pushes', held.period, held.granted - held.used);
    update public.quota_lease as lease
      set returned = held.granted - held.used, settled_at = statement_timestamp()
      where lease.market_id = held.market_id and lease.id = held.id
      returning * into held;
  end if;
  return next held;
end
$$;

-- A till that was revoked sends nothing any more.
create function app.end_leases() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held public.quota_lease;
begin
  for held in
    select * from public.quota_lease as lease
      where lease.market_id = new.market_id and lease.device_id = new.id and lease.settled_at is null for no key update
  loop
    perform app.return_quota('sync_pushes', held.period, held.granted - held.used);
    update public.quota_lease as lease
      set returned = held.granted - held.used, settled_at = statement_timestamp()
      where lease.market_id = held.market_id and lease.id = held.id;
  end loop;
  return null;
end
$$;

revoke all on function app.use_leases(uuid, uuid, uuid[], uuid[]), app.settle_redemptions(), app.keep_resolution(),
  app.issue_lease(integer), app.settle_lease(uuid), app.end_leases() from public;
grant execute on function app.settle_redemptions(), app.keep_resolution(), app.end_leases() to bulkhead_owner;
grant execute on function app.issue_lease(integer), app.settle_lease(uuid) to bulkhead_device;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_sync;
reset role;

create trigger redemption_settled after insert on redemption referencing new table as fresh
  for each statement execute function app.settle_redemptions();
create trigger redemption_resolved before update of resolution, resolution_note on redemption
  for each row execute function app.keep_resolution();
create trigger device_leases_ended after update of state on device
  for each row when (new.state = 'revoked' and old.state <> 'revoked') execute function app.end_leases();

select app.begin_sync_epoch();
