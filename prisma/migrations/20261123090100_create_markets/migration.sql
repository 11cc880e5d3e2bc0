-- Catalogue of plans, and the markets themselves. Each table with its row-level security, policies and grants.

create table plan (
  id text not null,
  name_en text not null,
  name_ar text not null,
  monthly_price integer not null,
  currency text not null,
  max_branches integer not null,
  max_live_offers integer not null,
  max_team_members integer not null,
  position integer not null,

  constraint plan_pkey primary key (id),
  constraint plan_id_check check (id ~ '^[a-z]{1,32}$'),
  constraint plan_limits_check check (monthly_price >= 0 and max_branches > 0 and max_live_offers > 0 and max_team_members > 0),
  constraint plan_currency_check check (currency ~ '^[A-Z]{3}$')
);
alter table plan enable row level security;
alter table plan force row level security;
create policy partner_select on plan for select to bulkhead_partner
  using (true);
grant select on plan to bulkhead_partner;
create policy admin_select on plan for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on plan to bulkhead_admin;

create table market (
  id uuid not null,
  slug text not null,
  name_en text not null,
  name_ar text not null,
  search_text text not null generated always as (
    app.fold(name_en || ' ' || name_ar)
  ) stored,
  state text not null default 'applied',
  state_reason text,
  plan_id text not null,
  locale text not null default 'en',
  time_zone text not null default 'Asia/Riyadh',
  currency text not null default 'SAR',
  is_demo boolean not null default false,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null,

  constraint market_pkey primary key (id),
  constraint market_slug_check check (slug ~ '^[a-z0-9](-?[a-z0-9]){1,62}$'),
  constraint market_name_check check (char_length(name_en) between 1 and 120 and char_length(name_ar) between 1 and 120),
  constraint market_state_check check (state in ('applied', 'active', 'suspended', 'closed')),
  constraint market_locale_check check (locale in ('en', 'ar')),
  constraint market_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint market_time_zone_check check (char_length(time_zone) between 1 and 64),
  constraint market_plan_id_fkey foreign key (plan_id) references plan(id) on delete restrict on update no action
);
create unique index market_slug_key on market(slug);
create index market_created_at_id_idx on market(created_at, id);
alter table market enable row level security;
alter table market force row level security;
create policy partner_select on market for select to bulkhead_partner
  using ((id = (select app.market_id())));
grant select on market to bulkhead_partner;
create policy partner_update on market for update to bulkhead_partner
  using ((id = (select app.market_id_as('owner'))))
  with check ((id = (select app.market_id_as('owner'))));
grant update (
  name_en, name_ar, locale, updated_at
) on market to bulkhead_partner;
create policy admin_select on market for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on market to bulkhead_admin;
create policy admin_insert on market for insert to bulkhead_admin
  with check ((select app.is_operator()));
grant insert (
  id, slug, state, state_reason, plan_id, time_zone, currency, is_demo, created_at, name_en, name_ar, locale, updated_at
) on market to bulkhead_admin;
create policy admin_update on market for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  state, state_reason, plan_id, time_zone, name_en, name_ar, locale, updated_at
) on market to bulkhead_admin;
create policy context_select on market for select to bulkhead_context
  using (true);
grant select (
  id, name_en, name_ar, state
) on market to bulkhead_context;
