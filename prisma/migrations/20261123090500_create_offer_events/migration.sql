-- What happened to offers. Each table with its row-level security, policies and grants.

-- Append-only, and not writable by any portal login.
create table offer_event (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  offer_id uuid not null,
  branch_id uuid,
  kind text not null,
  occurred_at timestamptz(3) not null,
  received_at timestamptz(3) not null default current_timestamp,

  constraint offer_event_pkey primary key (market_id,id),
  constraint offer_event_kind_check check (kind in ('view', 'claim', 'redeem')),
  constraint offer_event_market_id_offer_id_fkey foreign key (market_id, offer_id) references offer(market_id, id) on delete restrict on update no action,
  constraint offer_event_market_id_branch_id_fkey foreign key (market_id, branch_id) references branch(market_id, id) on delete restrict on update no action
);
create index offer_event_market_id_occurred_at_idx on offer_event(market_id, occurred_at);
create index offer_event_market_id_offer_id_occurred_at_idx on offer_event(market_id, offer_id, occurred_at);
alter table offer_event enable row level security;
alter table offer_event force row level security;
create policy partner_select on offer_event for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on offer_event to bulkhead_partner;
create policy admin_select on offer_event for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on offer_event to bulkhead_admin;
