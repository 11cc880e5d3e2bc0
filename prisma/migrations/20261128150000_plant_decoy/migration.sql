-- A market that no one may ever see. Its rows carry a mark; both processes know the mark and look for it in all that leaves
-- them, so that a leak between markets is noticed whoever it happens to.
-- widens: *.* for bulkhead_decoy: plants rows in the decoy market, which its policies name, and nowhere else
-- widens: function.execute for *: what plants the decoy asks whose context it has, and generated columns fold and digest

create table decoy (
  id uuid not null,
  mark text not null,
  planted_at timestamptz(3) not null default current_timestamp,
  checked_at timestamptz(3),

  constraint decoy_pkey primary key (id),
  constraint decoy_mark_check check (char_length(mark) >= 16)
);
alter table decoy enable row level security;
alter table decoy force row level security;
create policy admin_select on decoy for select to bulkhead_admin
  using ((select app.is_staff()));
grant select (
  id, planted_at, checked_at
) on decoy to bulkhead_admin;
create policy admin_gate_select on decoy for select to bulkhead_admin_gate
  using (true);
grant select on decoy to bulkhead_admin_gate;
create policy partner_gate_select on decoy for select to bulkhead_partner_gate
  using (true);
grant select on decoy to bulkhead_partner_gate;
create policy decoy_select on decoy for select to bulkhead_decoy
  using (true);
grant select on decoy to bulkhead_decoy;
create policy decoy_insert on decoy for insert to bulkhead_decoy
  with check (true);
grant insert (
  id, mark, planted_at, checked_at
) on decoy to bulkhead_decoy;
create policy decoy_update on decoy for update to bulkhead_decoy
  using (true)
  with check (true);
grant update (
  checked_at
) on decoy to bulkhead_decoy;

create table decoy_sighting (
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  place text not null,
  surface text not null,
  receipt text not null default '',
  viewer_market uuid,
  viewer text not null default '',
  route text not null default '',
  acknowledged_at timestamptz(3),
  acknowledged_by uuid,

  constraint decoy_sighting_pkey primary key (id),
  constraint decoy_sighting_place_check check (place in ('answer', 'file', 'mail', 'message', 'log', 'rows')),
  constraint decoy_sighting_surface_check check (surface in ('admin', 'partner', 'device', 'public')),
  constraint decoy_sighting_acknowledged_check check ((acknowledged_at is null) = (acknowledged_by is null))
);
create index decoy_sighting_at_id_idx on decoy_sighting(at, id);
-- Asked for by each page of staff.
create index decoy_sighting_acknowledged_at_idx on decoy_sighting(acknowledged_at);
alter table decoy_sighting enable row level security;
alter table decoy_sighting force row level security;
create policy admin_select on decoy_sighting for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on decoy_sighting to bulkhead_admin;
create policy admin_update on decoy_sighting for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  acknowledged_at, acknowledged_by
) on decoy_sighting to bulkhead_admin;
create policy admin_gate_insert on decoy_sighting for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  id, at, place, surface, receipt, viewer_market, viewer, route
) on decoy_sighting to bulkhead_admin_gate;
create policy partner_gate_insert on decoy_sighting for insert to bulkhead_partner_gate
  with check (true);
grant insert (
  id, at, place, surface, receipt, viewer_market, viewer, route
) on decoy_sighting to bulkhead_partner_gate;

-- What plants it may do so there, and read a plan to have one.
create policy decoy_select on plan for select to bulkhead_decoy
  using (true);
grant select on plan to bulkhead_decoy;
create policy decoy_select on market for select to bulkhead_decoy
  using ((id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant select on market to bulkhead_decoy;
create policy decoy_insert on market for insert to bulkhead_decoy
  with check ((id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant insert (
  id, slug, name_en, name_ar, state, plan_id, locale, time_zone, currency, updated_at
) on market to bulkhead_decoy;
create policy decoy_select on branch for select to bulkhead_decoy
  using ((market_id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant select on branch to bulkhead_decoy;
create policy decoy_insert on branch for insert to bulkhead_decoy
  with check ((market_id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant insert (
  market_id, id, name_en, name_ar, phone, updated_at
) on branch to bulkhead_decoy;
create policy decoy_select on offer for select to bulkhead_decoy
  using ((market_id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant select on offer to bulkhead_decoy;
create policy decoy_insert on offer for insert to bulkhead_decoy
  with check ((market_id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant insert (
  market_id, id, title_en, title_ar, text_en, text_ar, price, currency, updated_at
) on offer to bulkhead_decoy;
create policy decoy_select on shopper for select to bulkhead_decoy
  using ((market_id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant select on shopper to bulkhead_decoy;
create policy decoy_insert on shopper for insert to bulkhead_decoy
  with check ((market_id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant insert (
  market_id, id
) on shopper to bulkhead_decoy;
create policy decoy_select on shopper_contact for select to bulkhead_decoy
  using ((market_id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant select on shopper_contact to bulkhead_decoy;
create policy decoy_insert on shopper_contact for insert to bulkhead_decoy
  with check ((market_id = '0dec0dec-0dec-7dec-8dec-0dec0dec0dec'::uuid));
grant insert (
  market_id, shopper_id, email, opted_in_at
) on shopper_contact to bulkhead_decoy;

set role bulkhead_context;
grant create on schema app to bulkhead_decoy;
grant execute on function app.claims(), app.market_id(), app.fold(text),
  app.offer_digest(integer, text, text, text, text, integer, integer, text, uuid, uuid, timestamptz, timestamptz)
  to bulkhead_decoy;
reset role;

set role bulkhead_decoy;

-- Plants what is missing, under a job's context of the decoy market itself. A row that is not as it was planted, or one
-- that nobody planted, means that somebody wrote into a market which nobody can enter.
-- @returns the tables where that is so, or NULL when all is well.
create function app.plant_decoy() returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  hidden constant uuid := '0dec0dec-0dec-7dec-8dec-0dec0dec0dec';
  known boolean;
  sign text;
  wrong text;
begin
  if app.market_id() is distinct from hidden or (app.claims())[2] is distinct from 'job' then
    raise exception 'the decoy is planted under its own context' using errcode = 'insufficient_privilege';
  end if;
  select mark into sign from public.decoy where id = hidden;
  known := found;
  if not known then
    sign := 'bhk' || left(encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'), 24);
    insert into public.decoy (id, mark) values (hidden, sign) on conflict do nothing;
    select mark into sign from public.decoy where id = hidden;
  end if;
  select string_agg(name, ', ' order by name) into wrong from (values
    ('market', (select count(*) filter (where name_en = sign and state = 'applied') = 1 and count(*) = 1 from public.market)),
    ('branch', (select count(*) filter (where name_en = sign) = 1 and count(*) = 1 from public.branch)),
    ('offer', (select count(*) filter (where title_en = sign and state = 'draft') = 1 and count(*) = 1 from public.offer)),
    ('shopper', (select count(*) = 1 from public.shopper)),
    ('shopper_contact', (select count(*) filter (where email = sign || '@example.com') = 1 and count(*) = 1 from public.shopper_contact))
  ) as checked(name, well) where not well;
  if wrong is not null then
    insert into public.market (id, slug, name_en, name_ar, state, plan_id, locale, time_zone, currency, updated_at)
      select hidden, sign, sign, sign, 'applied', plan.id, 'en', 'Asia/Riyadh', 'SAR', current_timestamp
      from public.plan order by plan.position limit 1 on conflict do nothing;
    insert into public.branch (market_id, id, name_en, name_ar, phone, updated_at)
      values (hidden, hidden, sign, sign, sign, current_timestamp) on conflict do nothing;
    insert into public.offer (market_id, id, title_en, title_ar, text_en, text_ar, price, currency, updated_at)
      values (hidden, hidden, sign, sign, sign, sign, 100, 'SAR', current_timestamp) on conflict do nothing;
    insert into public.shopper (market_id, id) values (hidden, hidden) on conflict do nothing;
    insert into public.shopper_contact (market_id, shopper_id, email, opted_in_at)
      values (hidden, hidden, sign || '@example.com', current_timestamp) on conflict do nothing;
  end if;
  update public.decoy set checked_at = current_timestamp where id = hidden;
  return case when known then wrong end;
end
$$;

revoke all on function app.plant_decoy() from public;
grant execute on function app.plant_decoy() to bulkhead_partner;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_decoy;
reset role;
