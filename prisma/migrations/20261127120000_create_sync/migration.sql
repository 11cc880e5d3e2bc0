-- What tills are told: one row for each thing that a till shows, moved forward in place whenever the thing changes.
-- The order is that of transaction ids, and a till is shown only what lies below the oldest transaction that still
-- writes: whatever commits later lies above what has been shown, in whichever order transactions end.

-- For which cluster's transaction ids the order holds. Restored elsewhere, it is begun anew: app.begin_sync_epoch().
create table sync_epoch (
  id integer not null default 1,
  epoch uuid not null,
  system bigint not null,
  began_at timestamptz(3) not null default current_timestamp,

  constraint sync_epoch_pkey primary key (id),
  constraint sync_epoch_id_check check (id = 1)
);

-- Where an offer that is or was live holds, or has held. Everywhere is a branch id of zeros: offers that name no branch.
create table sync_reach (
  market_id uuid not null default app.market_id(),
  offer_id uuid not null,
  branch_id uuid not null,
  holds boolean not null default true,

  constraint sync_reach_pkey primary key (market_id, offer_id, branch_id),
  constraint sync_reach_market_id_fkey foreign key (market_id) references market(id) on delete cascade on update no action
);

-- Two rows of one transaction are ordered by their ids. offer_id: whose reach decides who is told.
create table sync_change (
  market_id uuid not null default app.market_id(),
  row_id uuid not null,
  collection text not null,
  offer_id uuid,
  xid bigint not null,

  constraint sync_change_pkey primary key (market_id, row_id),
  constraint sync_change_collection_check check (collection in ('market', 'branches', 'offers', 'claims')),
  constraint sync_change_offer_check check ((offer_id is null) = (collection in ('market', 'branches'))),
  constraint sync_change_market_id_fkey foreign key (market_id) references market(id) on delete cascade on update no action
);
create index sync_change_market_id_xid_row_id_idx on sync_change(market_id, xid, row_id);
create index sync_change_market_id_offer_id_idx on sync_change(market_id, offer_id);
alter table sync_change alter column xid set statistics 0;

alter table sync_epoch enable row level security;
alter table sync_epoch force row level security;
create policy sync_select on sync_epoch for select to bulkhead_sync
  using (true);
grant select on sync_epoch to bulkhead_sync;
create policy sync_insert on sync_epoch for insert to bulkhead_sync
  with check (true);
grant insert (
  id, epoch, system, began_at
) on sync_epoch to bulkhead_sync;
create policy sync_delete on sync_epoch for delete to bulkhead_sync
  using (true);
grant delete on sync_epoch to bulkhead_sync;

alter table sync_reach enable row level security;
alter table sync_reach force row level security;
create policy device_select on sync_reach for select to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (branch_id = any (array[(select app.device_branch_id()), '00000000-0000-0000-0000-000000000000'::uuid]))));
grant select (
  market_id, offer_id, branch_id, holds
) on sync_reach to bulkhead_device;
create policy sync_select on sync_reach for select to bulkhead_sync
  using (true);
grant select on sync_reach to bulkhead_sync;
create policy sync_insert on sync_reach for insert to bulkhead_sync
  with check (true);
grant insert (
  market_id, offer_id, branch_id, holds
) on sync_reach to bulkhead_sync;
create policy sync_update on sync_reach for update to bulkhead_sync
  using (true)
  with check (true);
grant update (
  holds
) on sync_reach to bulkhead_sync;
create policy sync_delete on sync_reach for delete to bulkhead_sync
  using (true);
grant delete on sync_reach to bulkhead_sync;

alter table sync_change enable row level security;
alter table sync_change force row level security;
create policy device_select on sync_change for select to bulkhead_device
  using (((market_id = (select app.device_market_id())) and case collection when 'market'::text then true when 'branches'::text then (row_id = (select app.device_branch_id())) else (select true as bool from sync_reach where ((sync_reach.market_id = sync_change.market_id) and (sync_reach.offer_id = sync_change.offer_id)) limit 1) end));
grant select on sync_change to bulkhead_device;
create policy sync_select on sync_change for select to bulkhead_sync
  using (true);
grant select on sync_change to bulkhead_sync;
create policy sync_insert on sync_change for insert to bulkhead_sync
  with check (true);
grant insert (
  market_id, row_id, collection, offer_id, xid
) on sync_change to bulkhead_sync;
create policy sync_update on sync_change for update to bulkhead_sync
  using (true)
  with check (true);
grant update (
  xid
) on sync_change to bulkhead_sync;
create policy sync_delete on sync_change for delete to bulkhead_sync
  using (true);
grant delete on sync_change to bulkhead_sync;

create policy device_select on offer for select to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (state = 'live') and (select true as bool from sync_reach where ((sync_reach.market_id = offer.market_id) and (sync_reach.offer_id = offer.id) and sync_reach.holds) limit 1)));
grant select (
  market_id, id, title_en, title_ar, text_en, text_ar, price, old_price, currency, starts_at, ends_at, state
) on offer to bulkhead_device;
create policy sync_select on offer for select to bulkhead_sync
  using (true);
grant select (
  market_id, id, state
) on offer to bulkhead_sync;
create policy sync_select on offer_branch for select to bulkhead_sync
  using (true);
grant select on offer_branch to bulkhead_sync;
create policy sync_select on market for select to bulkhead_sync
  using (true);
grant select (
  id, time_zone
) on market to bulkhead_sync;
create policy sync_select on branch for select to bulkhead_sync
  using (true);
grant select (
  market_id, id
) on branch to bulkhead_sync;

set role bulkhead_context;
grant execute on function app.claims(), app.signed_market_id(), app.market_id(), app.actor_id(), app.uuid_at(timestamptz),
  app.device_id(), app.device_market_id() to bulkhead_sync;
grant create on schema app to bulkhead_sync;
reset role;
set role bulkhead_sync;

-- The thing has changed in this transaction.
create function app.touch_thing(holder uuid, thing uuid, kind text, offer uuid) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into public.sync_change (market_id, row_id, collection, offer_id, xid)
    values (holder, thing, kind, offer, pg_current_xact_id()::text::bigint)
    on conflict (market_id, row_id) do update set xid = excluded.xid
$$;

-- Writes down where an offer holds now. An approval and a change of branches wait for each other here, or each would
-- miss what the other has not committed yet; a number of places to wait at that a long import can't exhaust.
-- @returns whether that has changed.
create function app.set_reach(holder uuid, offer uuid, is_live boolean) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  everywhere constant uuid := '00000000-0000-0000-0000-000000000000';
  places uuid[];
  changed boolean;
begin
  perform pg_advisory_xact_lock(7202612, (hashtextextended(offer::text, 0) & 1023)::integer);
  perform from public.sync_reach as reach where reach.market_id = holder and reach.offer_id = offer limit 1;
  if not (found or is_live) then
    return false;
  end if;
  places := array(
    select held.branch_id from public.offer_branch as held where held.market_id = holder and held.offer_id = offer
  );
  if cardinality(places) = 0 and exists (select from public.offer as held where held.market_id = holder and held.id = offer) then
    places := array[everywhere];
  end if;
  insert into public.sync_reach as reach (market_id, offer_id, branch_id, holds)
    select holder, offer, place, true from unnest(places) as place
    on conflict (market_id, offer_id, branch_id) do update set holds = true where not reach.holds;
  changed := found;
  update public.sync_reach as reach set holds = false
    where reach.market_id = holder and reach.offer_id = offer and reach.holds and reach.branch_id <> all (places);
  return changed or found;
end
$$;

-- Only what is or was live: of drafts no till hears anything.
create function app.note_offer() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'DELETE' then
    update public.sync_change set xid = pg_current_xact_id()::text::bigint
      where sync_change.market_id = old.market_id and sync_change.row_id = old.id;
    return null;
  end if;
  if new.state = 'live' then
    perform app.set_reach(new.market_id, new.id, true);
  end if;
  perform app.touch_thing(new.market_id, new.id, 'offers', new.id);
  return null;
end
$$;

-- Deferred to the end of the transaction: whoever writes an offer's branches anew deletes them first, and an offer
-- with none holds everywhere. With the offer its claims come to the tills of a branch, and go.
create function app.note_offer_branch() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  holder constant uuid := coalesce(new.market_id, old.market_id);
  changed_offer constant uuid := coalesce(new.offer_id, old.offer_id);
begin
  if app.set_reach(holder, changed_offer, false) then
    update public.sync_change set xid = pg_current_xact_id()::text::bigint
      where sync_change.market_id = holder and sync_change.offer_id = changed_offer;
  end if;
  return null;
end
$$;

create function app.note_claim() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'DELETE' then
    perform app.touch_thing(old.market_id, old.id, 'claims', old.offer_id);
  else
    perform app.touch_thing(new.market_id, new.id, 'claims', new.offer_id);
  end if;
  return null;
end
$$;

create function app.note_market() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.touch_thing(new.id, new.id, 'market', null);
  return null;
end
$$;

create function app.note_branch() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.touch_thing(new.market_id, new.id, 'branches', null);
  return null;
end
$$;

-- What a till's cursor belongs to: the epoch and the server's timeline, which is another one after a restore to an
-- earlier moment. NULL when the order is another cluster's.
create function app.sync_epoch() returns text
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select begun.epoch || '.' || left(pg_walfile_name(pg_current_wal_lsn()), 8) from public.sync_epoch as begun
    where begun.system = (select server.system_identifier from pg_control_system() as server)
  );
end
$$;

-- Begins the order anew with what there is: every till starts over. Once after a database was restored into another
-- cluster, and after rows were written with triggers off.
create function app.begin_sync_epoch() returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  this_xid constant bigint := pg_current_xact_id()::text::bigint;
begin
  delete from public.sync_epoch;
  delete from public.sync_change;
  delete from public.sync_reach;
  insert into public.sync_epoch (id, epoch, system)
    select 1, gen_random_uuid(), server.system_identifier from pg_control_system() as server;
  insert into public.sync_reach (market_id, offer_id, branch_id)
    select offer.market_id, offer.id, coalesce(held.branch_id, '00000000-0000-0000-0000-000000000000')
    from public.offer left join public.offer_branch as held
      on held.market_id = offer.market_id and held.offer_id = offer.id
    where offer.state = 'live'
      or exists (select from public.claim where claim.market_id = offer.market_id and claim.offer_id = offer.id);
  insert into public.sync_change (market_id, row_id, collection, offer_id, xid)
    select market.id, market.id, 'market', null::uuid, this_xid from public.market
    union all select branch.market_id, branch.id, 'branches', null, this_xid from public.branch
    union all select offer.market_id, offer.id, 'offers', offer.id, this_xid from public.offer where offer.state = 'live'
    union all select claim.market_id, claim.id, 'claims', claim.offer_id, this_xid from public.claim;
end
$$;

revoke all on function app.touch_thing(uuid, uuid, text, uuid), app.set_reach(uuid, uuid, boolean), app.note_offer(),
  app.note_offer_branch(), app.note_claim(), app.note_market(), app.note_branch(), app.sync_epoch(), app.begin_sync_epoch()
  from public;
grant execute on function app.note_offer(), app.note_offer_branch(), app.note_claim(), app.note_market(), app.note_branch(),
  app.begin_sync_epoch() to bulkhead_owner;
grant execute on function app.sync_epoch() to bulkhead_device;
reset role;

create trigger offer_added_noted after insert on offer
  for each row when (new.state = 'live') execute function app.note_offer();
create trigger offer_noted after update on offer
  for each row when (old.state = 'live' or new.state = 'live') execute function app.note_offer();
create trigger offer_removed_noted after delete on offer for each row execute function app.note_offer();
create constraint trigger offer_branch_noted after insert or update or delete on offer_branch
  deferrable initially deferred for each row execute function app.note_offer_branch();
create trigger claim_noted after insert or delete or update of state, branch_id on claim
  for each row execute function app.note_claim();
create trigger market_noted after insert or update on market for each row execute function app.note_market();
create trigger branch_noted after insert or update on branch for each row execute function app.note_branch();
