-- The audit trail, chained: one chain a market and one for the platform. A link holds a digest over every column of its
-- entry and over the link before it; whoever changes, removes, adds or reorders an entry breaks what follows. Links are
-- made at commit, because the head of a chain is the one row that all writers of a market wait for.
-- widens: *.* for bulkhead_chain: reads entries to chain them, and lets the oldest go once a checkpoint stands for them
-- widens: audit_entry.insert for *: new columns for what changed, in whose name, and in which support session
-- widens: platform_audit_entry.insert for *: the same columns, and gates write down who could not sign in

alter table audit_entry
  add column on_behalf_of text,
  add column support_session_id uuid,
  add column changes jsonb;
alter table audit_entry
  alter column on_behalf_of set statistics 0,
  alter column changes set statistics 0;
grant insert (
  on_behalf_of, support_session_id, changes
) on audit_entry to bulkhead_partner, bulkhead_admin;

-- Before anybody has signed in there is nobody to name: what a gate notes has no member of staff, and no right to name one.
alter table platform_audit_entry
  alter column staff_user_id drop not null,
  add column surface text not null default 'admin',
  add column actor_kind text not null default 'staff',
  add column on_behalf_of text,
  add column support_session_id uuid,
  add column changes jsonb,
  add constraint platform_audit_entry_surface_check check (surface in ('admin', 'partner', 'device', 'public'));
grant insert (
  surface, actor_kind, on_behalf_of, support_session_id, changes
) on platform_audit_entry to bulkhead_admin;
create policy admin_gate_insert on platform_audit_entry for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  surface, actor_kind, id, at, action, subject_type, subject_id, details, receipt
) on platform_audit_entry to bulkhead_admin_gate;
create policy partner_gate_insert on platform_audit_entry for insert to bulkhead_partner_gate
  with check (true);
grant insert (
  surface, actor_kind, id, at, action, subject_type, subject_id, details, receipt
) on platform_audit_entry to bulkhead_partner_gate;

-- Searched by who, what and which request.
create index audit_entry_market_id_action_at_id_idx on audit_entry(market_id, action, at, id);
create index audit_entry_market_id_actor_id_at_id_idx on audit_entry(market_id, actor_id, at, id);
create index audit_entry_market_id_receipt_idx on audit_entry(market_id, receipt);

create table audit_link (
  market_id uuid not null default app.market_id(),
  seq bigint not null,
  entry_id uuid not null,
  prev_hash bytea not null,
  hash bytea not null,

  constraint audit_link_pkey primary key (market_id, seq),
  constraint audit_link_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
create unique index audit_link_market_id_entry_id_key on audit_link(market_id, entry_id);
alter table audit_link
  alter column seq set statistics 0,
  alter column prev_hash set statistics 0,
  alter column hash set statistics 0;
alter table audit_link enable row level security;
alter table audit_link force row level security;
create policy partner_select on audit_link for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on audit_link to bulkhead_partner;
create policy admin_select on audit_link for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on audit_link to bulkhead_admin;
create policy admin_gate_select on audit_link for select to bulkhead_admin_gate
  using (true);
grant select on audit_link to bulkhead_admin_gate;
create policy chain_select on audit_link for select to bulkhead_chain
  using (true);
grant select on audit_link to bulkhead_chain;
create policy chain_insert on audit_link for insert to bulkhead_chain
  with check (true);
grant insert (
  market_id, seq, entry_id, prev_hash, hash
) on audit_link to bulkhead_chain;
create policy chain_delete on audit_link for delete to bulkhead_chain
  using (true);
grant delete on audit_link to bulkhead_chain;

create table audit_head (
  market_id uuid not null default app.market_id(),
  seq bigint not null default 0,
  hash bytea not null,

  constraint audit_head_pkey primary key (market_id),
  constraint audit_head_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
) with (fillfactor = 50);
alter table audit_head
  alter column seq set statistics 0,
  alter column hash set statistics 0;
alter table audit_head enable row level security;
alter table audit_head force row level security;
create policy partner_select on audit_head for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on audit_head to bulkhead_partner;
create policy admin_select on audit_head for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on audit_head to bulkhead_admin;
create policy admin_gate_select on audit_head for select to bulkhead_admin_gate
  using (true);
grant select on audit_head to bulkhead_admin_gate;
create policy chain_select on audit_head for select to bulkhead_chain
  using (true);
grant select on audit_head to bulkhead_chain;
create policy chain_insert on audit_head for insert to bulkhead_chain
  with check (true);
grant insert (
  market_id, seq, hash
) on audit_head to bulkhead_chain;
create policy chain_update on audit_head for update to bulkhead_chain
  using (true)
  with check (true);
grant update (
  seq, hash
) on audit_head to bulkhead_chain;

-- Where a chain begins since older entries were let go, signed by who verified them.
create table audit_checkpoint (
  market_id uuid not null default app.market_id(),
  seq bigint not null,
  hash bytea not null,
  payload text not null,
  key_id text not null,
  signature text not null,
  created_at timestamptz(3) not null default current_timestamp,

  constraint audit_checkpoint_pkey primary key (market_id, seq),
  constraint audit_checkpoint_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table audit_checkpoint
  alter column seq set statistics 0,
  alter column hash set statistics 0,
  alter column payload set statistics 0,
  alter column key_id set statistics 0,
  alter column signature set statistics 0;
alter table audit_checkpoint enable row level security;
alter table audit_checkpoint force row level security;
create policy partner_select on audit_checkpoint for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on audit_checkpoint to bulkhead_partner;
create policy admin_select on audit_checkpoint for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on audit_checkpoint to bulkhead_admin;
create policy admin_gate_select on audit_checkpoint for select to bulkhead_admin_gate
  using (true);
grant select on audit_checkpoint to bulkhead_admin_gate;
create policy admin_gate_insert on audit_checkpoint for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  market_id, seq, hash, payload, key_id, signature
) on audit_checkpoint to bulkhead_admin_gate;
create policy chain_select on audit_checkpoint for select to bulkhead_chain
  using (true);
grant select on audit_checkpoint to bulkhead_chain;

create table platform_audit_link (
  seq bigint not null,
  entry_id uuid not null,
  prev_hash bytea not null,
  hash bytea not null,

  constraint platform_audit_link_pkey primary key (seq)
);
create unique index platform_audit_link_entry_id_key on platform_audit_link(entry_id);
alter table platform_audit_link enable row level security;
alter table platform_audit_link force row level security;
create policy admin_select on platform_audit_link for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on platform_audit_link to bulkhead_admin;
create policy admin_gate_select on platform_audit_link for select to bulkhead_admin_gate
  using (true);
grant select on platform_audit_link to bulkhead_admin_gate;
create policy chain_select on platform_audit_link for select to bulkhead_chain
  using (true);
grant select on platform_audit_link to bulkhead_chain;
create policy chain_insert on platform_audit_link for insert to bulkhead_chain
  with check (true);
grant insert (
  seq, entry_id, prev_hash, hash
) on platform_audit_link to bulkhead_chain;
create policy chain_delete on platform_audit_link for delete to bulkhead_chain
  using (true);
grant delete on platform_audit_link to bulkhead_chain;

create table platform_audit_head (
  id smallint not null default 1,
  seq bigint not null default 0,
  hash bytea not null,

  constraint platform_audit_head_pkey primary key (id),
  constraint platform_audit_head_id_check check (id = 1)
) with (fillfactor = 50);
alter table platform_audit_head enable row level security;
alter table platform_audit_head force row level security;
create policy admin_select on platform_audit_head for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on platform_audit_head to bulkhead_admin;
create policy admin_gate_select on platform_audit_head for select to bulkhead_admin_gate
  using (true);
grant select on platform_audit_head to bulkhead_admin_gate;
create policy chain_select on platform_audit_head for select to bulkhead_chain
  using (true);
grant select on platform_audit_head to bulkhead_chain;
create policy chain_insert on platform_audit_head for insert to bulkhead_chain
  with check (true);
grant insert (
  id, seq, hash
) on platform_audit_head to bulkhead_chain;
create policy chain_update on platform_audit_head for update to bulkhead_chain
  using (true)
  with check (true);
grant update (
  seq, hash
) on platform_audit_head to bulkhead_chain;

create table platform_audit_checkpoint (
  seq bigint not null,
  hash bytea not null,
  payload text not null,
  key_id text not null,
  signature text not null,
  created_at timestamptz(3) not null default current_timestamp,

  constraint platform_audit_checkpoint_pkey primary key (seq)
);
alter table platform_audit_checkpoint enable row level security;
alter table platform_audit_checkpoint force row level security;
create policy admin_select on platform_audit_checkpoint for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on platform_audit_checkpoint to bulkhead_admin;
create policy admin_gate_select on platform_audit_checkpoint for select to bulkhead_admin_gate
  using (true);
grant select on platform_audit_checkpoint to bulkhead_admin_gate;
create policy admin_gate_insert on platform_audit_checkpoint for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  seq, hash, payload, key_id, signature
) on platform_audit_checkpoint to bulkhead_admin_gate;
create policy chain_select on platform_audit_checkpoint for select to bulkhead_chain
  using (true);
grant select on platform_audit_checkpoint to bulkhead_chain;

-- What was written outside of the database, so that a shortened file is noticed as well.
create table audit_anchor (
  n bigint not null,
  at timestamptz(3) not null,
  heads integer not null,
  digest text not null,
  is_copied boolean not null default false,

  constraint audit_anchor_pkey primary key (n)
);
alter table audit_anchor enable row level security;
alter table audit_anchor force row level security;
create policy admin_select on audit_anchor for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on audit_anchor to bulkhead_admin;
create policy admin_gate_select on audit_anchor for select to bulkhead_admin_gate
  using (true);
grant select on audit_anchor to bulkhead_admin_gate;
create policy admin_gate_insert on audit_anchor for insert to bulkhead_admin_gate
  with check (true);
grant insert (
  n, at, heads, digest, is_copied
) on audit_anchor to bulkhead_admin_gate;

-- Verifications that staff asked for, and what they found.
create table audit_check (
  id uuid not null,
  staff_user_id uuid not null,
  started_at timestamptz(3) not null,
  finished_at timestamptz(3) not null default current_timestamp,
  chains integer not null,
  entries bigint not null,
  findings jsonb not null default '[]',

  constraint audit_check_pkey primary key (id),
  constraint audit_check_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
create index audit_check_finished_at_id_idx on audit_check(finished_at, id);
alter table audit_check enable row level security;
alter table audit_check force row level security;
create policy admin_select on audit_check for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on audit_check to bulkhead_admin;
create policy admin_insert on audit_check for insert to bulkhead_admin
  with check (((select app.is_staff()) and (staff_user_id = (select app.actor_id()))));
grant insert (
  id, staff_user_id, started_at, finished_at, chains, entries, findings
) on audit_check to bulkhead_admin;

create policy chain_select on audit_entry for select to bulkhead_chain
  using (true);
grant select on audit_entry to bulkhead_chain;
create policy chain_delete on audit_entry for delete to bulkhead_chain
  using (true);
grant delete on audit_entry to bulkhead_chain;
create policy chain_select on platform_audit_entry for select to bulkhead_chain
  using (true);
grant select on platform_audit_entry to bulkhead_chain;
create policy chain_delete on platform_audit_entry for delete to bulkhead_chain
  using (true);
grant delete on platform_audit_entry to bulkhead_chain;

set role bulkhead_context;
grant create on schema app to bulkhead_chain;
-- The default of market_id, which it never leaves to that.
grant execute on function app.claims(), app.market_id() to bulkhead_chain;
reset role;
set role bulkhead_chain;

-- Each field with its length in front: no two entries make the same text. server/audit/chain.ts says the same.
create function app.audit_digest(prev bytea, fields text[]) returns bytea
language sql immutable
begin atomic
  select sha256(prev || convert_to(string_agg(
    case when field is null then '-' else octet_length(field) || ':' || field end, ',' order by place), 'UTF8'))
  from unnest(fields) with ordinality as given(field, place);
end;

create function app.link_entry(entry public.audit_entry) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  head record;
  fresh bytea;
begin
  select seq, hash into head from public.audit_head where market_id = entry.market_id for update;
  if not found then
    insert into public.audit_head (market_id, hash)
      values (entry.market_id, sha256(convert_to('bulkhead-audit-1:' || entry.market_id, 'UTF8'))) on conflict (market_id) do nothing;
    select seq, hash into strict head from public.audit_head where market_id = entry.market_id for update;
  end if;
  fresh := app.audit_digest(head.hash, array[
    (head.seq + 1)::text, entry.market_id::text, entry.id::text, (extract(epoch from entry.at) * 1000)::bigint::text,
    entry.surface, entry.actor_kind, entry.actor_id::text, entry.actor_name, entry.action, entry.subject_type,
    entry.subject_id, entry.details::text, entry.receipt, entry.on_behalf_of, entry.support_session_id::text,
    entry.changes::text
  ]);
  insert into public.audit_link (market_id, seq, entry_id, prev_hash, hash)
    values (entry.market_id, head.seq + 1, entry.id, head.hash, fresh);
  update public.audit_head set seq = head.seq + 1, hash = fresh where market_id = entry.market_id;
end
$$;

create function app.link_platform_entry(entry public.platform_audit_entry) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  head record;
  fresh bytea;
begin
  select seq, hash into head from public.platform_audit_head where id = 1 for update;
  if not found then
    insert into public.platform_audit_head (id, hash)
      values (1, sha256(convert_to('bulkhead-audit-1:platform', 'UTF8'))) on conflict (id) do nothing;
    select seq, hash into strict head from public.platform_audit_head where id = 1 for update;
  end if;
  fresh := app.audit_digest(head.hash, array[
    (head.seq + 1)::text, entry.id::text, (extract(epoch from entry.at) * 1000)::bigint::text, entry.surface, entry.actor_kind,
    entry.staff_user_id::text, entry.action, entry.subject_type, entry.subject_id, entry.details::text, entry.receipt,
    entry.on_behalf_of, entry.support_session_id::text, entry.changes::text
  ]);
  insert into public.platform_audit_link (seq, entry_id, prev_hash, hash)
    values (head.seq + 1, entry.id, head.hash, fresh);
  update public.platform_audit_head set seq = head.seq + 1, hash = fresh where id = 1;
end
$$;

-- A head is the last thing that a transaction takes: everything else that is put off until commit runs first, and the
-- platform's head comes after those of markets. So no two transactions wait for each other.
create function app.chain_entry() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  set constraints public.offer_branch_noted immediate;
  perform app.link_entry(new);
  return null;
end
$$;

create function app.chain_platform_entry() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  set constraints public.offer_branch_noted, public.audit_entry_chained immediate;
  perform app.link_platform_entry(new);
  return null;
end
$$;

create function app.keep_trail() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'DELETE' and current_user = 'bulkhead_chain' then
    return null;
  end if;
  raise exception 'the audit trail stays as it was written' using errcode = 'BH055';
end
$$;

create function app.keep_unproved() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  proved boolean;
begin
  case tg_table_name
    when 'audit_link' then
      proved := exists (select from public.audit_checkpoint where market_id = old.market_id and seq >= old.seq);
    when 'platform_audit_link' then
      proved := exists (select from public.platform_audit_checkpoint where seq >= old.seq);
    when 'audit_entry' then
      proved := exists (
        select from public.audit_link as link join public.audit_checkpoint as point on point.market_id = link.market_id
        where link.market_id = old.market_id and link.entry_id = old.id and point.seq >= link.seq);
    else
      proved := exists (
        select from public.platform_audit_link as link join public.platform_audit_checkpoint as point on point.seq >= link.seq
        where link.entry_id = old.id);
  end case;
  if not proved then
    raise exception 'no checkpoint stands for this part of the audit trail' using errcode = 'BH056';
  end if;
  return old;
end
$$;

-- Lets go of what lies behind the latest checkpoint of a market's chain, or without a market of the platform's.
create function app.prune_audit(market uuid, most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  gone bigint[];
begin
  if market is null then
    gone := array(
      select seq from public.platform_audit_link
      where seq <= (select max(seq) from public.platform_audit_checkpoint) order by seq limit most);
    delete from public.platform_audit_entry where id in (
      select entry_id from public.platform_audit_link where seq = any(gone));
    delete from public.platform_audit_link where seq = any(gone);
  else
    gone := array(
      select seq from public.audit_link
      where market_id = market and seq <= (select max(seq) from public.audit_checkpoint where market_id = market)
      order by seq limit most);
    delete from public.audit_entry where market_id = market and id in (
      select entry_id from public.audit_link where market_id = market and seq = any(gone));
    delete from public.audit_link where market_id = market and seq = any(gone);
  end if;
  return cardinality(gone);
end
$$;

-- What is there already, in the order in which it was written.
do $$
declare
  old_entry public.audit_entry;
  old_platform public.platform_audit_entry;
begin
  for old_entry in select * from public.audit_entry order by market_id, at, id loop
    perform app.link_entry(old_entry);
  end loop;
  for old_platform in select * from public.platform_audit_entry order by at, id loop
    perform app.link_platform_entry(old_platform);
  end loop;
end
$$;

revoke all on function app.audit_digest(bytea, text[]), app.link_entry(public.audit_entry),
  app.link_platform_entry(public.platform_audit_entry), app.chain_entry(), app.chain_platform_entry(), app.keep_trail(),
  app.keep_unproved(), app.prune_audit(uuid, integer) from public;
grant execute on function app.chain_entry(), app.chain_platform_entry(), app.keep_trail(), app.keep_unproved()
  to bulkhead_owner;
grant execute on function app.prune_audit(uuid, integer) to bulkhead_admin_gate;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_chain;
reset role;

create constraint trigger audit_entry_chained after insert on audit_entry
  deferrable initially deferred for each row execute function app.chain_entry();
create constraint trigger platform_audit_entry_chained after insert on platform_audit_entry
  deferrable initially deferred for each row execute function app.chain_platform_entry();
create trigger audit_entry_kept before delete or update or truncate on audit_entry
  for each statement execute function app.keep_trail();
create trigger audit_entry_let_go before delete on audit_entry for each row execute function app.keep_unproved();
create trigger audit_link_kept before delete or update or truncate on audit_link
  for each statement execute function app.keep_trail();
create trigger audit_link_let_go before delete on audit_link for each row execute function app.keep_unproved();
create trigger audit_head_kept before delete or truncate on audit_head
  for each statement execute function app.keep_trail();
create trigger audit_checkpoint_kept before delete or update or truncate on audit_checkpoint
  for each statement execute function app.keep_trail();
create trigger platform_audit_entry_kept before delete or update or truncate on platform_audit_entry
  for each statement execute function app.keep_trail();
create trigger platform_audit_entry_let_go before delete on platform_audit_entry for each row execute function app.keep_unproved();
create trigger platform_audit_link_kept before delete or update or truncate on platform_audit_link
  for each statement execute function app.keep_trail();
create trigger platform_audit_link_let_go before delete on platform_audit_link for each row execute function app.keep_unproved();
create trigger platform_audit_head_kept before delete or truncate on platform_audit_head
  for each statement execute function app.keep_trail();
create trigger platform_audit_checkpoint_kept before delete or update or truncate on platform_audit_checkpoint
  for each statement execute function app.keep_trail();
create trigger audit_anchor_kept before delete or update or truncate on audit_anchor
  for each statement execute function app.keep_trail();
create trigger audit_check_kept before delete or update or truncate on audit_check
  for each statement execute function app.keep_trail();
