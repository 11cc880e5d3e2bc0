-- Product files on their way to draft offers. Each table with its row-level security, policies and grants.

create table import_job (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  file_name text not null,
  state text not null default 'uploaded',
  headers jsonb not null,
  mapping jsonb not null,
  options jsonb not null default '{}',
  total integer not null default 0,
  processed integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  failed integer not null default 0,
  failure text,
  member_id uuid not null,
  created_at timestamptz(3) not null default current_timestamp,
  started_at timestamptz(3),
  finished_at timestamptz(3),

  constraint import_job_pkey primary key (market_id,id),
  constraint import_job_state_check check (state in ('uploaded', 'checked', 'queued', 'running', 'done', 'failed')),
  constraint import_job_counts_check check (total >= 0 and processed >= 0 and created >= 0 and updated >= 0 and failed >= 0),
  constraint import_job_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index import_job_market_id_created_at_idx on import_job(market_id, created_at);
alter table import_job enable row level security;
alter table import_job force row level security;
create policy partner_select on import_job for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on import_job to bulkhead_partner;
create policy partner_insert on import_job for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, file_name, headers, member_id, created_at, state, mapping, options, total, processed, created, updated, failed, failure, started_at, finished_at
) on import_job to bulkhead_partner;
create policy partner_update on import_job for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))))
  with check ((market_id = (select app.market_id_as('manager'))));
grant update (
  state, mapping, options, total, processed, created, updated, failed, failure, started_at, finished_at
) on import_job to bulkhead_partner;
create policy admin_select on import_job for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on import_job to bulkhead_admin;

create table import_error (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  import_id uuid not null,
  row integer not null,
  "column" text not null,
  value text not null default '',
  code text not null,

  constraint import_error_pkey primary key (market_id,id),
  constraint import_error_market_id_import_id_fkey foreign key (market_id, import_id) references import_job(market_id, id) on delete cascade on update no action
);
create index import_error_market_id_import_id_row_idx on import_error(market_id, import_id, row);
alter table import_error enable row level security;
alter table import_error force row level security;
create policy partner_select on import_error for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on import_error to bulkhead_partner;
create policy partner_insert on import_error for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, import_id, row, "column", value, code
) on import_error to bulkhead_partner;
create policy partner_delete on import_error for delete to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))));
grant delete on import_error to bulkhead_partner;
create policy admin_select on import_error for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on import_error to bulkhead_admin;
