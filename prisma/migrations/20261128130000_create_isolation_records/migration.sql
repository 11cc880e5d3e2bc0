-- What is asked of the process that holds the keys for it, what probes found, and certificates about both.

create table isolation_task (
  id uuid not null,
  kind text not null,
  runs_on text not null,
  input jsonb not null default '{}',
  state text not null default 'queued',
  result jsonb,
  error text,
  staff_user_id uuid,
  claimed_by text,
  created_at timestamptz(3) not null default current_timestamp,
  started_at timestamptz(3),
  finished_at timestamptz(3),

  constraint isolation_task_pkey primary key (id),
  constraint isolation_task_kind_check check (kind in ('probe', 'why', 'layers')),
  -- What the admin process answers is one thing alone: the partner's gate may ask for it.
  constraint isolation_task_runs_on_check check (
    runs_on in ('partner', 'admin') and (kind = 'layers') = (runs_on = 'admin')
  ),
  constraint isolation_task_state_check check (state in ('queued', 'running', 'done', 'failed')),
  constraint isolation_task_size_check check (
    octet_length(input::text) <= 65536 and octet_length(result::text) <= 2097152 and char_length(error) <= 500
  ),
  constraint isolation_task_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
create index isolation_task_runs_on_state_created_at_idx on isolation_task(runs_on, state, created_at);
alter table isolation_task enable row level security;
alter table isolation_task force row level security;
create policy admin_select on isolation_task for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on isolation_task to bulkhead_admin;
create policy admin_insert on isolation_task for insert to bulkhead_admin
  with check (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))));
grant insert (
  id, kind, runs_on, input, state, staff_user_id, created_at
) on isolation_task to bulkhead_admin;
create policy partner_gate_select on isolation_task for select to bulkhead_partner_gate
  using (true);
grant select on isolation_task to bulkhead_partner_gate;
create policy partner_gate_insert on isolation_task for insert to bulkhead_partner_gate
  with check ((runs_on = 'admin'));
grant insert (
  id, kind, runs_on, input
) on isolation_task to bulkhead_partner_gate;
create policy partner_gate_update on isolation_task for update to bulkhead_partner_gate
  using ((runs_on = 'partner'))
  with check ((runs_on = 'partner'));
grant update (
  state, result, error, claimed_by, started_at, finished_at
) on isolation_task to bulkhead_partner_gate;
create policy partner_gate_delete on isolation_task for delete to bulkhead_partner_gate
  using ((runs_on = 'partner'));
grant delete on isolation_task to bulkhead_partner_gate;
create policy admin_gate_select on isolation_task for select to bulkhead_admin_gate
  using ((runs_on = 'admin'));
grant select on isolation_task to bulkhead_admin_gate;
create policy admin_gate_update on isolation_task for update to bulkhead_admin_gate
  using ((runs_on = 'admin'))
  with check ((runs_on = 'admin'));
grant update (
  state, result, error, claimed_by, started_at, finished_at
) on isolation_task to bulkhead_admin_gate;
create policy admin_gate_delete on isolation_task for delete to bulkhead_admin_gate
  using ((runs_on = 'admin'));
grant delete on isolation_task to bulkhead_admin_gate;

create table isolation_probe (
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  source text not null,
  staff_user_id uuid,
  attacks integer not null,
  breaches integer not null,
  duration_ms integer not null,
  result jsonb not null,

  constraint isolation_probe_pkey primary key (id),
  constraint isolation_probe_source_check check (source in ('page', 'command')),
  constraint isolation_probe_counts_check check (least(attacks, breaches, duration_ms) >= 0),
  constraint isolation_probe_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
create index isolation_probe_at_id_idx on isolation_probe(at, id);
alter table isolation_probe enable row level security;
alter table isolation_probe force row level security;
create policy admin_select on isolation_probe for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on isolation_probe to bulkhead_admin;
create policy admin_insert on isolation_probe for insert to bulkhead_admin
  with check (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))));
grant insert (
  id, at, source, staff_user_id, attacks, breaches, duration_ms, result
) on isolation_probe to bulkhead_admin;

create table isolation_certificate (
  id uuid not null,
  at timestamptz(3) not null default current_timestamp,
  staff_user_id uuid not null,
  is_clean boolean not null,
  -- The very bytes that were signed.
  payload text not null,
  signature text not null,
  key_id text not null,

  constraint isolation_certificate_pkey primary key (id),
  constraint isolation_certificate_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
create index isolation_certificate_at_id_idx on isolation_certificate(at, id);
alter table isolation_certificate enable row level security;
alter table isolation_certificate force row level security;
create policy admin_select on isolation_certificate for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on isolation_certificate to bulkhead_admin;
create policy admin_insert on isolation_certificate for insert to bulkhead_admin
  with check (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))));
grant insert (
  id, at, staff_user_id, is_clean, payload, signature, key_id
) on isolation_certificate to bulkhead_admin;
