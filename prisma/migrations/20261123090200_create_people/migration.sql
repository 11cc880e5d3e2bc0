-- Who signs in, at which portal, and their sessions. Each table with its row-level security, policies and grants.

create table staff_user (
  id uuid not null,
  email text not null,
  name text not null,
  role text not null,
  state text not null default 'invited',
  locale text not null default 'en',
  created_at timestamptz(3) not null default current_timestamp,

  constraint staff_user_pkey primary key (id),
  constraint staff_user_email_check check (email = lower(email) and char_length(email) between 3 and 254),
  constraint staff_user_role_check check (role in ('operator', 'support')),
  constraint staff_user_state_check check (state in ('invited', 'active', 'disabled')),
  constraint staff_user_locale_check check (locale in ('en', 'ar'))
);
create unique index staff_user_email_key on staff_user(email);
alter table staff_user enable row level security;
alter table staff_user force row level security;
create policy admin_select on staff_user for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on staff_user to bulkhead_admin;
create policy admin_insert on staff_user for insert to bulkhead_admin
  with check ((select app.is_operator()));
grant insert (
  id, email, name, role, state, locale, created_at
) on staff_user to bulkhead_admin;
create policy admin_update on staff_user for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  name, role, state
) on staff_user to bulkhead_admin;
create policy admin_gate_select on staff_user for select to bulkhead_admin_gate
  using (true);
grant select on staff_user to bulkhead_admin_gate;
create policy admin_gate_update on staff_user for update to bulkhead_admin_gate
  using ((state = 'invited'))
  with check (true);
grant update (
  state
) on staff_user to bulkhead_admin_gate;

-- Apart from staff_user: no login but the gate's may read a hash, so injection in a page can't.
create table staff_credential (
  staff_user_id uuid not null,
  password_hash text not null,

  constraint staff_credential_pkey primary key (staff_user_id),
  constraint staff_credential_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
alter table staff_credential enable row level security;
alter table staff_credential force row level security;
create policy admin_gate_select on staff_credential for select to bulkhead_admin_gate
  using (true);
grant select on staff_credential to bulkhead_admin_gate;
create policy admin_gate_insert on staff_credential for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  staff_user_id, password_hash
) on staff_credential to bulkhead_admin_gate;
create policy admin_gate_update on staff_credential for update to bulkhead_admin_gate
  using (true)
  with check (true);
grant update (
  password_hash
) on staff_credential to bulkhead_admin_gate;

create table staff_session (
  id uuid not null,
  staff_user_id uuid not null,
  rotation integer not null default 0,
  user_agent text not null default '',
  address text not null default '',
  created_at timestamptz(3) not null default current_timestamp,
  rotated_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  revoked_at timestamptz(3),
  revoked_for text,

  constraint staff_session_pkey primary key (id),
  constraint staff_session_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
create index staff_session_staff_user_id_created_at_idx on staff_session(staff_user_id, created_at);
alter table staff_session enable row level security;
alter table staff_session force row level security;
create policy admin_select on staff_session for select to bulkhead_admin
  using (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))));
grant select on staff_session to bulkhead_admin;
create policy admin_insert on staff_session for insert to bulkhead_admin
  with check (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))));
grant insert (
  id, staff_user_id, rotation, user_agent, address, created_at, rotated_at, expires_at
) on staff_session to bulkhead_admin;
create policy admin_update on staff_session for update to bulkhead_admin
  using (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))))
  with check (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))));
grant update (
  rotation, rotated_at, expires_at, revoked_at, revoked_for, user_agent, address
) on staff_session to bulkhead_admin;

-- A person. Only the gate's login reads it; what a market knows of a person is its team_member row.
create table partner_user (
  id uuid not null,
  email text not null,
  password_hash text not null,
  created_at timestamptz(3) not null default current_timestamp,

  constraint partner_user_pkey primary key (id),
  constraint partner_user_email_check check (email = lower(email) and char_length(email) between 3 and 254)
);
create unique index partner_user_email_key on partner_user(email);
alter table partner_user enable row level security;
alter table partner_user force row level security;
create policy partner_gate_select on partner_user for select to bulkhead_partner_gate
  using (true);
grant select on partner_user to bulkhead_partner_gate;
create policy partner_gate_insert on partner_user for insert to bulkhead_partner_gate
  with check (true);
grant insert (
  id, email, password_hash, created_at
) on partner_user to bulkhead_partner_gate;
create policy partner_gate_update on partner_user for update to bulkhead_partner_gate
  using ((id = (select app.actor_id())))
  with check ((id = (select app.actor_id())));
grant update (
  password_hash
) on partner_user to bulkhead_partner_gate;

-- The gate reads memberships of the person that its signed context names; the context owner, through
-- invitation functions only, rows that were invited.
create table team_member (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  user_id uuid,
  email text not null,
  name text not null,
  role text not null,
  state text not null default 'invited',
  locale text not null default 'en',
  invitation_digest text,
  invited_at timestamptz(3) not null default current_timestamp,
  invitation_ends_at timestamptz(3),
  joined_at timestamptz(3),

  constraint team_member_pkey primary key (market_id,id),
  constraint team_member_email_check check (email = lower(email) and char_length(email) between 3 and 254),
  constraint team_member_name_check check (char_length(name) between 1 and 120),
  constraint team_member_role_check check (role in ('owner', 'manager', 'analyst')),
  constraint team_member_state_check check (state in ('invited', 'active', 'removed')),
  constraint team_member_locale_check check (locale in ('en', 'ar')),
  constraint team_member_joined_check check (state <> 'active' or user_id is not null),
  constraint team_member_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action,
  constraint team_member_user_id_fkey foreign key (user_id) references partner_user(id) on delete restrict on update no action
);
create unique index team_member_market_id_email_key on team_member(market_id, email);
create unique index team_member_market_id_user_id_key on team_member(market_id, user_id);
alter table team_member enable row level security;
alter table team_member force row level security;
create policy partner_select on team_member for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on team_member to bulkhead_partner;
create policy partner_insert on team_member for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('owner'))));
grant insert (
  market_id, id, email, name, role, state, locale, invitation_digest, invited_at, invitation_ends_at
) on team_member to bulkhead_partner;
create policy partner_update on team_member for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('owner'))))
  with check ((market_id = (select app.market_id_as('owner'))));
grant update (
  name, role, state, invitation_digest, invited_at, invitation_ends_at
) on team_member to bulkhead_partner;
create policy admin_select on team_member for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on team_member to bulkhead_admin;
create policy admin_insert on team_member for insert to bulkhead_admin
  with check ((select app.is_operator()));
grant insert (
  market_id, id, email, name, role, state, locale, invitation_digest, invited_at, invitation_ends_at
) on team_member to bulkhead_admin;
create policy admin_update on team_member for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  state, invitation_digest, invited_at, invitation_ends_at
) on team_member to bulkhead_admin;
create policy partner_gate_select on team_member for select to bulkhead_partner_gate
  using ((user_id = (select app.actor_id())));
grant select (
  market_id, id, user_id, name, role, state, locale
) on team_member to bulkhead_partner_gate;
create policy context_select on team_member for select to bulkhead_context
  using ((invitation_digest is not null));
grant select on team_member to bulkhead_context;
create policy context_update on team_member for update to bulkhead_context
  using ((invitation_digest is not null))
  with check (true);
grant update (
  user_id, state, joined_at, invitation_digest, invitation_ends_at
) on team_member to bulkhead_context;

-- The gate shows a person the names of their own markets, to choose one.
create policy partner_gate_select on market for select to bulkhead_partner_gate
  using ((id in (select team_member.market_id from team_member)));
grant select (
  id, slug, name_en, name_ar, state
) on market to bulkhead_partner_gate;

-- A member sees and revokes only their own sessions; taking a member away ends theirs (cascade).
create table partner_session (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  member_id uuid not null,
  rotation integer not null default 0,
  user_agent text not null default '',
  address text not null default '',
  created_at timestamptz(3) not null default current_timestamp,
  rotated_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  revoked_at timestamptz(3),
  revoked_for text,

  constraint partner_session_pkey primary key (market_id,id),
  constraint partner_session_market_id_member_id_fkey foreign key (market_id, member_id) references team_member(market_id, id) on delete cascade on update no action
);
create index partner_session_market_id_member_id_created_at_idx on partner_session(market_id, member_id, created_at);
alter table partner_session enable row level security;
alter table partner_session force row level security;
create policy partner_select on partner_session for select to bulkhead_partner
  using (((market_id = (select app.market_id())) and (member_id = (select app.actor_id()))));
grant select on partner_session to bulkhead_partner;
create policy partner_insert on partner_session for insert to bulkhead_partner
  with check (((market_id = (select app.market_id())) and (member_id = (select app.actor_id()))));
grant insert (
  market_id, id, member_id, rotation, user_agent, address, created_at, rotated_at, expires_at
) on partner_session to bulkhead_partner;
create policy partner_update on partner_session for update to bulkhead_partner
  using (((market_id = (select app.market_id())) and (member_id = (select app.actor_id()))))
  with check (((market_id = (select app.market_id())) and (member_id = (select app.actor_id()))));
grant update (
  rotation, rotated_at, expires_at, revoked_at, revoked_for, user_agent, address
) on partner_session to bulkhead_partner;
