-- Files that a market has itself sent regularly. Each table with its row-level security, policies and grants.

create table export_schedule (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  subject text not null,
  format text not null,
  cadence text not null,
  member_id uuid not null,
  created_at timestamptz(3) not null default current_timestamp,
  next_at timestamptz(3) not null,
  sent_at timestamptz(3),
  failure text,

  constraint export_schedule_pkey primary key (market_id, id),
  constraint export_schedule_subject_check check (subject in ('events', 'claims', 'figures')),
  constraint export_schedule_format_check check (format in ('csv', 'jsonl')),
  constraint export_schedule_cadence_check check (cadence in ('daily', 'weekly', 'monthly')),
  constraint export_schedule_market_id_member_id_fkey foreign key (market_id, member_id) references team_member(market_id, id) on delete restrict on update no action
);
create index export_schedule_next_at_idx on export_schedule(next_at);
create index export_schedule_market_id_created_at_id_idx on export_schedule(market_id, created_at, id);
alter table export_schedule
  alter column subject set statistics 0,
  alter column format set statistics 0,
  alter column cadence set statistics 0,
  alter column failure set statistics 0;
alter table export_schedule enable row level security;
alter table export_schedule force row level security;
create policy partner_select on export_schedule for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on export_schedule to bulkhead_partner;
create policy partner_insert on export_schedule for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, subject, format, cadence, member_id, created_at, next_at
) on export_schedule to bulkhead_partner;
create policy partner_update on export_schedule for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))))
  with check ((market_id = (select app.market_id_as('manager'))));
grant update (
  next_at, sent_at, failure
) on export_schedule to bulkhead_partner;
create policy partner_delete on export_schedule for delete to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))));
grant delete on export_schedule to bulkhead_partner;
create policy admin_select on export_schedule for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on export_schedule to bulkhead_admin;
create policy partner_gate_select on export_schedule for select to bulkhead_partner_gate
  using (true);
grant select (
  market_id, id, member_id, next_at
) on export_schedule to bulkhead_partner_gate;
