-- Where a market sells. Each table with its row-level security, policies and grants.

create table branch (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  name_en text not null,
  name_ar text not null,
  search_text text not null generated always as (
    app.fold(name_en || ' ' || name_ar || ' ' || city)
  ) stored,
  address_en text not null default '',
  address_ar text not null default '',
  city text not null default '',
  phone text not null default '',
  latitude double precision,
  longitude double precision,
  hours jsonb not null default '[]',
  state text not null default 'open',
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null,

  constraint branch_pkey primary key (market_id,id),
  constraint branch_name_check check (char_length(name_en) between 1 and 120 and char_length(name_ar) between 1 and 120),
  constraint branch_state_check check (state in ('open', 'closed')),
  constraint branch_latitude_check check (latitude between -90 and 90),
  constraint branch_longitude_check check (longitude between -180 and 180),
  constraint branch_place_check check ((latitude is null) = (longitude is null)),
  constraint branch_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index branch_market_id_created_at_id_idx on branch(market_id, created_at, id);
alter table branch enable row level security;
alter table branch force row level security;
create policy partner_select on branch for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on branch to bulkhead_partner;
create policy partner_insert on branch for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, created_at, name_en, name_ar, address_en, address_ar, city, phone, latitude, longitude, hours, state, updated_at
) on branch to bulkhead_partner;
create policy partner_update on branch for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))))
  with check ((market_id = (select app.market_id_as('manager'))));
grant update (
  name_en, name_ar, address_en, address_ar, city, phone, latitude, longitude, hours, state, updated_at
) on branch to bulkhead_partner;
create policy admin_select on branch for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on branch to bulkhead_admin;
