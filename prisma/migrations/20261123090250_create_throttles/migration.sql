-- Counters of rate limits and lock-outs, for the gates alone. Each table with its row-level security, policies and grants.

create table partner_throttle (
  key character varying(255) not null,
  points integer not null default 0,
  expire bigint,

  constraint partner_throttle_pkey primary key (key)
);
alter table partner_throttle enable row level security;
alter table partner_throttle force row level security;
create policy partner_gate_select on partner_throttle for select to bulkhead_partner_gate
  using (true);
grant select on partner_throttle to bulkhead_partner_gate;
create policy partner_gate_insert on partner_throttle for insert to bulkhead_partner_gate
  with check (true);
grant insert (
  key, points, expire
) on partner_throttle to bulkhead_partner_gate;
create policy partner_gate_update on partner_throttle for update to bulkhead_partner_gate
  using (true)
  with check (true);
grant update (
  points, expire
) on partner_throttle to bulkhead_partner_gate;
create policy partner_gate_delete on partner_throttle for delete to bulkhead_partner_gate
  using (true);
grant delete on partner_throttle to bulkhead_partner_gate;

create table admin_throttle (
  key character varying(255) not null,
  points integer not null default 0,
  expire bigint,

  constraint admin_throttle_pkey primary key (key)
);
alter table admin_throttle enable row level security;
alter table admin_throttle force row level security;
create policy admin_gate_select on admin_throttle for select to bulkhead_admin_gate
  using (true);
grant select on admin_throttle to bulkhead_admin_gate;
create policy admin_gate_insert on admin_throttle for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  key, points, expire
) on admin_throttle to bulkhead_admin_gate;
create policy admin_gate_update on admin_throttle for update to bulkhead_admin_gate
  using (true)
  with check (true);
grant update (
  points, expire
) on admin_throttle to bulkhead_admin_gate;
create policy admin_gate_delete on admin_throttle for delete to bulkhead_admin_gate
  using (true);
grant delete on admin_throttle to bulkhead_admin_gate;
