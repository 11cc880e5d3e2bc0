-- Where row-level security alone, or the scoping of arguments alone, let through other rows than both together. Written by
-- the partner's gate, read by staff.

create table layer_difference (
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  receipt uuid not null,
  of_market uuid not null,
  model text not null,
  layer text not null,
  both_rows integer not null,
  alone_rows integer not null,
  ids text[] default array[]::text[],
  acknowledged_at timestamptz(3),
  acknowledged_by uuid,

  constraint layer_difference_pkey primary key (id),
  constraint layer_difference_layer_check check (layer in ('policies', 'arguments')),
  constraint layer_difference_rows_check check (least(both_rows, alone_rows) >= 0),
  constraint layer_difference_ids_check check (cardinality(ids) <= 5),
  constraint layer_difference_acknowledged_check check ((acknowledged_at is null) = (acknowledged_by is null))
);
create index layer_difference_at_id_idx on layer_difference(at, id);
alter table layer_difference enable row level security;
alter table layer_difference force row level security;
create policy admin_select on layer_difference for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on layer_difference to bulkhead_admin;
create policy admin_update on layer_difference for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  acknowledged_at, acknowledged_by
) on layer_difference to bulkhead_admin;
create policy partner_gate_insert on layer_difference for insert to bulkhead_partner_gate
  with check (true);
grant insert (
  id, receipt, of_market, model, layer, both_rows, alone_rows, ids
) on layer_difference to bulkhead_partner_gate;
