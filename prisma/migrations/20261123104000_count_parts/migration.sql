-- Figures of a day by offer alone and by branch alone. A large market has a thousand rows a day in event_day, where every
-- offer meets every branch, and its pages would read all of them to add up one side. Sums of event_day, kept by its own
-- triggers in the statement that counts a day anew, so there is no moment at which the two differ.

create table event_part (
  market_id uuid not null default app.market_id(),
  day date not null,
  part text not null,
  part_id uuid not null,
  kind text not null,
  events integer not null,

  constraint event_part_pkey primary key (market_id, day, part, part_id, kind),
  constraint event_part_part_check check (part in ('offer', 'branch')),
  constraint event_part_kind_check check (kind in ('view', 'claim', 'redeem')),
  constraint event_part_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table event_part
  alter column part set statistics 0, alter column kind set statistics 0, alter column events set statistics 0;
alter table event_part enable row level security;
alter table event_part force row level security;
create policy partner_select on event_part for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on event_part to bulkhead_partner;
create policy admin_select on event_part for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on event_part to bulkhead_admin;
create policy context_select on event_part for select to bulkhead_context
  using ((market_id = (select app.market_id())));
grant select on event_part to bulkhead_context;
create policy context_insert on event_part for insert to bulkhead_context
  with check ((market_id = (select app.market_id())));
grant insert (
  market_id, day, kind, events, part, part_id
) on event_part to bulkhead_context;
create policy context_update on event_part for update to bulkhead_context
  using ((market_id = (select app.market_id())))
  with check ((market_id = (select app.market_id())));
grant update (
  events
) on event_part to bulkhead_context;
create policy context_delete on event_part for delete to bulkhead_context
  using ((market_id = (select app.market_id())));
grant delete on event_part to bulkhead_context;

set role bulkhead_context;

-- Runs with the rights of whoever writes event_day, so under the policies of the same market. Nobody may update
-- event_day: a day is deleted and inserted.
create function app.count_parts() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    insert into public.event_part as known (market_id, day, part, part_id, kind, events)
      select changed.market_id, changed.day, side.part, side.id, changed.kind, sum(changed.events)
      from changed, lateral (values ('offer', changed.offer_id), ('branch', changed.branch_id)) as side(part, id)
      group by 1, 2, 3, 4, 5
      on conflict (market_id, day, part, part_id, kind) do update set events = known.events + excluded.events;
  else
    update public.event_part as known set events = known.events - gone.events
      from (
        select changed.market_id, changed.day, side.part, side.id, changed.kind, sum(changed.events) as events
        from changed, lateral (values ('offer', changed.offer_id), ('branch', changed.branch_id)) as side(part, id)
        group by 1, 2, 3, 4, 5
      ) as gone
      where known.market_id = gone.market_id and known.day = gone.day and known.part = gone.part
        and known.part_id = gone.id and known.kind = gone.kind;
    delete from public.event_part as known using (select distinct changed.market_id, changed.day from changed) as day
      where known.market_id = day.market_id and known.day = day.day and known.events = 0;
  end if;
  return null;
end
$$;
revoke all on function app.count_parts() from public;
grant execute on function app.count_parts() to bulkhead_owner;
reset role;

create trigger event_day_added after insert on event_day referencing new table as changed
  for each statement execute function app.count_parts();
create trigger event_day_removed after delete on event_day referencing old table as changed
  for each statement execute function app.count_parts();

-- What has been counted before. The owner itself is bound by policies that no context opens here.
alter table event_day no force row level security;
alter table event_part no force row level security;
insert into event_part (market_id, day, part, part_id, kind, events)
  select event_day.market_id, event_day.day, side.part, side.id, event_day.kind, sum(event_day.events)
  from event_day, lateral (values ('offer', event_day.offer_id), ('branch', event_day.branch_id)) as side(part, id)
  group by 1, 2, 3, 4, 5;
alter table event_day force row level security;
alter table event_part force row level security;
