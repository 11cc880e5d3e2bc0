-- Who did what. Each table with its row-level security, policies and grants.

-- Append-only for every login; an entry can be written only in one's own name.
create table audit_entry (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  surface text not null,
  actor_kind text not null,
  actor_id uuid not null,
  actor_name text not null,
  action text not null,
  subject_type text not null,
  subject_id text,
  details jsonb not null default '{}',
  receipt text not null default '',

  constraint audit_entry_pkey primary key (market_id,id),
  constraint audit_entry_surface_check check (surface in ('admin', 'partner', 'device', 'public')),
  constraint audit_entry_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index audit_entry_market_id_at_id_idx on audit_entry(market_id, at, id);
create index audit_entry_at_id_idx on audit_entry(at, id);
alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy partner_select on audit_entry for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on audit_entry to bulkhead_partner;
create policy partner_insert on audit_entry for insert to bulkhead_partner
  with check (((market_id = (select app.market_id())) and (actor_id = (select app.actor_id())) and (surface = 'partner')));
grant insert (
  market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id, details, receipt
) on audit_entry to bulkhead_partner;
create policy admin_select on audit_entry for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on audit_entry to bulkhead_admin;
create policy admin_insert on audit_entry for insert to bulkhead_admin
  with check (((select app.is_staff()) and (actor_id = (select app.actor_id())) and (surface = 'admin')));
grant insert (
  market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id, details, receipt
) on audit_entry to bulkhead_admin;

create table platform_audit_entry (
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  staff_user_id uuid not null,
  action text not null,
  subject_type text not null,
  subject_id text,
  details jsonb not null default '{}',
  receipt text not null default '',

  constraint platform_audit_entry_pkey primary key (id),
  constraint platform_audit_entry_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
create index platform_audit_entry_at_id_idx on platform_audit_entry(at, id);
alter table platform_audit_entry enable row level security;
alter table platform_audit_entry force row level security;
create policy admin_select on platform_audit_entry for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on platform_audit_entry to bulkhead_admin;
create policy admin_insert on platform_audit_entry for insert to bulkhead_admin
  with check (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))));
grant insert (
  id, at, staff_user_id, action, subject_type, subject_id, details, receipt
) on platform_audit_entry to bulkhead_admin;
