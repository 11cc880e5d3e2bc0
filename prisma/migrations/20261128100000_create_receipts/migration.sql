-- What scope each request ran under and what it did to the database: counts by model, never what rows hold. Written by
-- gates, off the request's path.

create table receipt (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  surface text not null,
  actor_kind text not null,
  actor_id uuid,
  actor_name text not null default '',
  db_role text not null,
  method text not null,
  route text not null,
  status integer not null,
  duration_us integer not null,
  operations jsonb not null default '{}',
  models text[] default array[]::text[],
  is_raw boolean not null default false,
  is_denied boolean not null default false,
  denials jsonb not null default '[]',
  support_session_id uuid,
  row_ids jsonb,

  constraint receipt_pkey primary key (market_id,id),
  constraint receipt_surface_check check (surface in ('admin', 'partner', 'device', 'public')),
  constraint receipt_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index receipt_at_id_idx on receipt(at, id);
create index receipt_market_id_support_session_id_id_idx on receipt(market_id, support_session_id, id);
alter table receipt
  alter column actor_kind set statistics 0,
  alter column actor_name set statistics 0,
  alter column db_role set statistics 0,
  alter column method set statistics 0,
  alter column route set statistics 0,
  alter column status set statistics 0,
  alter column duration_us set statistics 0,
  alter column operations set statistics 0,
  alter column models set statistics 0,
  alter column denials set statistics 0,
  alter column row_ids set statistics 0;
alter table receipt enable row level security;
alter table receipt force row level security;
create policy partner_select on receipt for select to bulkhead_partner
  using (((market_id = (select app.market_id())) and (support_session_id is not null)));
grant select on receipt to bulkhead_partner;
create policy admin_select on receipt for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on receipt to bulkhead_admin;
create policy partner_gate_insert on receipt for insert to bulkhead_partner_gate
  with check (true);
grant insert (
  market_id, id, at, surface, actor_kind, actor_id, actor_name, db_role, method, route, status, duration_us, operations, models, is_raw, is_denied, denials, support_session_id, row_ids
) on receipt to bulkhead_partner_gate;
create policy partner_gate_select on receipt for select to bulkhead_partner_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant select (
  at
) on receipt to bulkhead_partner_gate;
create policy partner_gate_delete on receipt for delete to bulkhead_partner_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant delete on receipt to bulkhead_partner_gate;

create table platform_receipt (
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  surface text not null,
  actor_kind text not null,
  actor_id uuid,
  actor_name text not null default '',
  db_role text not null,
  method text not null,
  route text not null,
  status integer not null,
  duration_us integer not null,
  operations jsonb not null default '{}',
  models text[] default array[]::text[],
  is_raw boolean not null default false,
  is_denied boolean not null default false,
  denials jsonb not null default '[]',

  constraint platform_receipt_pkey primary key (id),
  constraint platform_receipt_surface_check check (surface in ('admin', 'partner', 'device', 'public'))
);
create index platform_receipt_at_id_idx on platform_receipt(at, id);
alter table platform_receipt enable row level security;
alter table platform_receipt force row level security;
create policy admin_select on platform_receipt for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on platform_receipt to bulkhead_admin;
create policy admin_gate_insert on platform_receipt for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  id, at, surface, actor_kind, actor_id, actor_name, db_role, method, route, status, duration_us, operations, models, is_raw, is_denied, denials
) on platform_receipt to bulkhead_admin_gate;
create policy admin_gate_select on platform_receipt for select to bulkhead_admin_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant select (
  at
) on platform_receipt to bulkhead_admin_gate;
create policy admin_gate_delete on platform_receipt for delete to bulkhead_admin_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant delete on platform_receipt to bulkhead_admin_gate;
create policy partner_gate_insert on platform_receipt for insert to bulkhead_partner_gate
  with check (true);
grant insert (
  id, at, surface, actor_kind, actor_id, actor_name, db_role, method, route, status, duration_us, operations, models, is_raw, is_denied, denials
) on platform_receipt to bulkhead_partner_gate;
create policy partner_gate_select on platform_receipt for select to bulkhead_partner_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant select (
  at
) on platform_receipt to bulkhead_partner_gate;
create policy partner_gate_delete on platform_receipt for delete to bulkhead_partner_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant delete on platform_receipt to bulkhead_partner_gate;

create table receipt_loss (
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  surface text not null,
  lost integer not null,

  constraint receipt_loss_pkey primary key (id),
  constraint receipt_loss_surface_check check (surface in ('admin', 'partner', 'device', 'public')),
  constraint receipt_loss_lost_check check (lost > 0)
);
create index receipt_loss_at_id_idx on receipt_loss(at, id);
alter table receipt_loss enable row level security;
alter table receipt_loss force row level security;
create policy admin_select on receipt_loss for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on receipt_loss to bulkhead_admin;
create policy admin_gate_insert on receipt_loss for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  id, at, surface, lost
) on receipt_loss to bulkhead_admin_gate;
create policy partner_gate_insert on receipt_loss for insert to bulkhead_partner_gate
  with check (true);
grant insert (
  id, at, surface, lost
) on receipt_loss to bulkhead_partner_gate;
