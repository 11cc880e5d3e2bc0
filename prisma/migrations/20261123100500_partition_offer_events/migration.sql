-- Events by month of when they happened. An event's id is a UUID v7 of that instant, so one id can lie in one
-- partition only: the primary key makes a repeated event one event, whichever partitions there are.

alter table offer_event rename to offer_event_whole;
alter table offer_event_whole rename constraint offer_event_pkey to offer_event_whole_pkey;
create table offer_event (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  offer_id uuid not null,
  branch_id uuid,
  kind text not null,
  occurred_at timestamptz(3) not null,
  received_at timestamptz(3) not null default current_timestamp,
  visitor uuid,

  constraint offer_event_pkey primary key (market_id, id, occurred_at),
  constraint offer_event_kind_check check (kind in ('view', 'claim', 'redeem')),
  constraint offer_event_id_check check (occurred_at = app.uuid_time(id)),
  constraint offer_event_market_id_offer_id_fkey foreign key (market_id, offer_id) references offer(market_id, id) on delete restrict on update no action,
  constraint offer_event_market_id_branch_id_fkey foreign key (market_id, branch_id) references branch(market_id, id) on delete restrict on update no action
) partition by range (occurred_at);

-- What the rollups have yet to count: an hour in which events of a market were written. Written by the events' own
-- trigger in their own transaction, so it becomes visible together with them, in whichever order transactions end.
create table rollup_task (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  hour timestamptz(3) not null,
  queued_at timestamptz(3) not null default current_timestamp,

  constraint rollup_task_pkey primary key (market_id, id),
  constraint rollup_task_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table rollup_task enable row level security;
alter table rollup_task force row level security;
create policy admin_select on rollup_task for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on rollup_task to bulkhead_admin;
create policy partner_gate_select on rollup_task for select to bulkhead_partner_gate
  using (true);
grant select (
  market_id, queued_at
) on rollup_task to bulkhead_partner_gate;
create policy context_select on rollup_task for select to bulkhead_context
  using ((market_id = (select app.market_id())));
grant select on rollup_task to bulkhead_context;
create policy context_insert on rollup_task for insert to bulkhead_context
  with check (true);
grant insert (
  market_id, id, hour
) on rollup_task to bulkhead_context;
create policy context_delete on rollup_task for delete to bulkhead_context
  using ((market_id = (select app.market_id())));
grant delete on rollup_task to bulkhead_context;

set role bulkhead_context;
grant create on schema app to bulkhead_owner;
reset role;

-- Makes the months around now that are missing and drops those past `kept` months, the only way in which events
-- go. Nobody but the owner has any right to a partition itself: all roads lead through offer_event and its policies.
-- At least 13 months stay, whatever is asked. Attached rather than made in place: that waits for nobody who reads or
-- writes events, where CREATE TABLE … PARTITION OF would hold up everybody.
create function app.keep_event_partitions(behind integer, ahead integer, kept integer) returns text[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  this_month constant date := date_trunc('month', current_timestamp at time zone 'UTC');
  changed text[] := '{}';
  month date;
  part text;
begin
  -- Two processes that start together would both find a month missing.
  perform pg_advisory_xact_lock(7202612);
  for month in
    select generate_series(this_month - make_interval(months => least(behind, 120)),
      this_month + make_interval(months => least(ahead, 24)), '1 month')::date
  loop
    part := 'offer_event_' || to_char(month, 'YYYY_MM');
    if to_regclass('public.' || part) is null then
      execute format('create table public.%I (like public.offer_event including defaults including constraints)', part);
      execute format('alter table public.%I enable row level security', part);
      execute format('alter table public.%I force row level security', part);
      execute format('alter table public.offer_event attach partition public.%I for values from (%L) to (%L)', part,
        month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      changed := changed || part;
    end if;
  end loop;
  for part in
    select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'public.offer_event'::regclass and relname ~ '^offer_event_\d{4}_\d\d$'
      and to_date(right(relname, 7), 'YYYY_MM') < this_month - make_interval(months => greatest(kept, 13))
    order by relname
  loop
    execute format('drop table public.%I', part);
    changed := changed || ('-' || part);
  end loop;
  return changed;
end
$$;

revoke all on function app.keep_event_partitions(integer, integer, integer) from public;
grant execute on function app.keep_event_partitions(integer, integer, integer) to bulkhead_partner_gate;

set role bulkhead_context;
create function app.queue_rollup() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.rollup_task (market_id, id, hour)
    select fresh.market_id, gen_random_uuid(), date_trunc('hour', fresh.occurred_at, 'UTC')
    from fresh group by 1, 3;
  return null;
end
$$;
revoke all on function app.queue_rollup() from public;
grant execute on function app.queue_rollup() to bulkhead_owner;
-- Where functions of other owners may be made is over.
revoke create on schema app from bulkhead_owner;
reset role;
create trigger offer_event_queued after insert on offer_event referencing new table as fresh
  for each statement execute function app.queue_rollup();

-- What is there moves over; an id keeps its random part and gets the time that it lacked.
alter table offer_event_whole no force row level security;
select app.keep_event_partitions(
  (select coalesce(
    extract(year from age(date_trunc('month', now()), date_trunc('month', min(occurred_at)))) * 12
      + extract(month from age(date_trunc('month', now()), date_trunc('month', min(occurred_at)))) + 1, 13)::int
   from offer_event_whole), 3, 120);
insert into offer_event (market_id, id, offer_id, branch_id, kind, occurred_at, received_at)
  select market_id,
    (left(hex, 8) || '-' || right(hex, 4) || '-' || substr(id::text, 15))::uuid,
    offer_id, branch_id, kind, occurred_at, received_at
  from offer_event_whole, lateral (
    select lpad(to_hex((extract(epoch from occurred_at) * 1000)::bigint), 12, '0') as hex) as time
  order by occurred_at;
drop table offer_event_whole;
-- Time needs no index of its own: ids begin with it. This one is for the offer that is deleted.
create index offer_event_market_id_offer_id_idx on offer_event(market_id, offer_id);
alter table offer_event enable row level security;
alter table offer_event force row level security;
create policy partner_select on offer_event for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on offer_event to bulkhead_partner;
create policy admin_select on offer_event for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on offer_event to bulkhead_admin;
create policy public_insert on offer_event for insert to bulkhead_public
  with check (((market_id = (select app.public_market_id())) and (kind = 'view') and (occurred_at > (current_timestamp - '7 days'::interval)) and (occurred_at < (current_timestamp + '00:05:00'::interval)) and (offer_id in (select offer.id from offer))));
grant insert (
  market_id, id, offer_id, branch_id, kind, occurred_at, visitor
) on offer_event to bulkhead_public;
-- What this very statement wrote, so that an event that was there already can be told from one that was not.
create policy public_select on offer_event for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (received_at = (current_timestamp)::timestamp(3) with time zone)));
grant select (
  id
) on offer_event to bulkhead_public;
create policy context_select on offer_event for select to bulkhead_context
  using ((market_id = (select app.signed_market_id())));
grant select on offer_event to bulkhead_context;
create policy context_insert on offer_event for insert to bulkhead_context
  with check ((market_id = (select app.signed_market_id())));
grant insert (
  market_id, id, offer_id, branch_id, kind, occurred_at
) on offer_event to bulkhead_context;
