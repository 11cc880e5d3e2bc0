-- Shoppers, each of one market: the same person at two markets is two rows that nothing ties together. Each table
-- with its row-level security, policies and grants.

create table shopper (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  locale text not null default 'en',
  created_at timestamptz(3) not null default current_timestamp,

  constraint shopper_pkey primary key (market_id, id),
  constraint shopper_locale_check check (locale in ('en', 'ar')),
  constraint shopper_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index shopper_market_id_created_at_id_idx on shopper(market_id, created_at, id);
alter table shopper enable row level security;
alter table shopper force row level security;
create policy partner_select on shopper for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on shopper to bulkhead_partner;
create policy admin_select on shopper for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on shopper to bulkhead_admin;
create policy public_select on shopper for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (id = (select app.shopper_id()))));
grant select on shopper to bulkhead_public;
create policy public_update on shopper for update to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (id = (select app.shopper_id()))))
  with check (((market_id = (select app.public_market_id())) and (id = (select app.shopper_id()))));
grant update (
  locale
) on shopper to bulkhead_public;
create policy partner_gate_select on shopper for select to bulkhead_partner_gate
  using ((market_id = (select app.public_market_id())));
grant select on shopper to bulkhead_partner_gate;
create policy partner_gate_insert on shopper for insert to bulkhead_partner_gate
  with check ((market_id = (select app.public_market_id())));
grant insert (
  market_id, id, locale, created_at
) on shopper to bulkhead_partner_gate;
create policy context_select on shopper for select to bulkhead_context
  using (((market_id = (select app.public_market_id())) and (id = (select app.shopper_id()))));
grant select on shopper to bulkhead_context;
create policy context_delete on shopper for delete to bulkhead_context
  using (((market_id = (select app.public_market_id())) and (id = (select app.shopper_id()))));
grant delete on shopper to bulkhead_context;

-- Apart from the shopper, so that a policy can keep it from partners until the shopper has opted in to messages.
create table shopper_contact (
  market_id uuid not null default app.market_id(),
  shopper_id uuid not null,
  email text not null,
  opted_in_at timestamptz(3),

  constraint shopper_contact_pkey primary key (market_id, shopper_id),
  constraint shopper_contact_email_check check (email = lower(email) and char_length(email) between 3 and 254),
  constraint shopper_contact_market_id_shopper_id_fkey foreign key (market_id, shopper_id) references shopper(market_id, id) on delete restrict on update no action
);
create unique index shopper_contact_market_id_email_key on shopper_contact(market_id, email);
alter table shopper_contact alter column email set statistics 0;
alter table shopper_contact enable row level security;
alter table shopper_contact force row level security;
create policy partner_select on shopper_contact for select to bulkhead_partner
  using (((market_id = (select app.market_id_as('manager'))) and (opted_in_at is not null)));
grant select on shopper_contact to bulkhead_partner;
create policy admin_select on shopper_contact for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on shopper_contact to bulkhead_admin;
create policy public_select on shopper_contact for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant select on shopper_contact to bulkhead_public;
create policy public_update on shopper_contact for update to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))))
  with check (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant update (
  opted_in_at
) on shopper_contact to bulkhead_public;
create policy partner_gate_select on shopper_contact for select to bulkhead_partner_gate
  using ((market_id = (select app.public_market_id())));
grant select on shopper_contact to bulkhead_partner_gate;
create policy partner_gate_insert on shopper_contact for insert to bulkhead_partner_gate
  with check ((market_id = (select app.public_market_id())));
grant insert (
  market_id, shopper_id, email
) on shopper_contact to bulkhead_partner_gate;
create policy context_select on shopper_contact for select to bulkhead_context
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant select on shopper_contact to bulkhead_context;
create policy context_delete on shopper_contact for delete to bulkhead_context
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant delete on shopper_contact to bulkhead_context;

-- A code on its way by e-mail. Digests alone, of the address too: no row tells whose it is. The gate's, because a
-- statement injected into a shopper's request must not be able to make itself a code.
create table shopper_code (
  market_id uuid not null default app.market_id(),
  email_digest text not null,
  code_digest text not null,
  failures integer not null default 0,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,

  constraint shopper_code_pkey primary key (market_id, email_digest),
  constraint shopper_code_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create index shopper_code_expires_at_idx on shopper_code(expires_at);
alter table shopper_code
  alter column email_digest set statistics 0,
  alter column code_digest set statistics 0,
  alter column failures set statistics 0;
alter table shopper_code enable row level security;
alter table shopper_code force row level security;
create policy partner_gate_select on shopper_code for select to bulkhead_partner_gate
  using ((market_id = (select app.public_market_id())));
grant select on shopper_code to bulkhead_partner_gate;
create policy partner_gate_insert on shopper_code for insert to bulkhead_partner_gate
  with check ((market_id = (select app.public_market_id())));
grant insert (
  market_id, email_digest, code_digest, failures, created_at, expires_at
) on shopper_code to bulkhead_partner_gate;
create policy partner_gate_update on shopper_code for update to bulkhead_partner_gate
  using ((market_id = (select app.public_market_id())))
  with check ((market_id = (select app.public_market_id())));
grant update (
  code_digest, failures, created_at, expires_at
) on shopper_code to bulkhead_partner_gate;
create policy partner_gate_delete on shopper_code for delete to bulkhead_partner_gate
  using ((market_id = (select app.public_market_id())));
grant delete on shopper_code to bulkhead_partner_gate;

create table shopper_session (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  shopper_id uuid not null,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  revoked_at timestamptz(3),

  constraint shopper_session_pkey primary key (market_id, id),
  constraint shopper_session_market_id_shopper_id_fkey foreign key (market_id, shopper_id) references shopper(market_id, id) on delete restrict on update no action
);
create index shopper_session_market_id_shopper_id_idx on shopper_session(market_id, shopper_id);
alter table shopper_session enable row level security;
alter table shopper_session force row level security;
create policy public_select on shopper_session for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant select on shopper_session to bulkhead_public;
create policy public_insert on shopper_session for insert to bulkhead_public
  with check (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant insert (
  market_id, id, shopper_id, created_at, expires_at
) on shopper_session to bulkhead_public;
create policy public_update on shopper_session for update to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))))
  with check (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant update (
  revoked_at
) on shopper_session to bulkhead_public;
create policy context_select on shopper_session for select to bulkhead_context
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant select on shopper_session to bulkhead_context;
create policy context_delete on shopper_session for delete to bulkhead_context
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant delete on shopper_session to bulkhead_context;
