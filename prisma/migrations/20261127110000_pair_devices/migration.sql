-- Pairing: a code of the market's, used once, becomes a till that holds its own key. Revoked is final.

create table device_pairing (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  branch_id uuid not null,
  name text not null,
  code_digest text not null,
  created_by uuid not null default app.actor_id(),
  created_at timestamptz(3) not null default current_timestamp,
  -- Nobody may write it: a code holds for ten minutes, whoever makes it and however.
  expires_at timestamptz(3) not null default (current_timestamp + '00:10:00'::interval),
  used_at timestamptz(3),

  constraint device_pairing_pkey primary key (market_id, id),
  constraint device_pairing_name_check check (char_length(name) between 1 and 60),
  constraint device_pairing_market_id_branch_id_fkey foreign key (market_id, branch_id) references branch(market_id, id) on delete restrict on update no action
);
create index device_pairing_market_id_created_at_id_idx on device_pairing(market_id, created_at, id);
create index device_pairing_code_digest_idx on device_pairing(code_digest);
alter table device_pairing
  alter column name set statistics 0,
  alter column code_digest set statistics 0;

-- For staff, who list the tills of all markets.
create index device_paired_at_id_idx on device(paired_at, id);

-- Challenges that a till has answered, and proofs that count once, until they are out of date anyway.
create table device_spent_id (
  market_id uuid not null default app.market_id(),
  device_id uuid not null,
  id text not null,
  expires_at timestamptz(3) not null,

  constraint device_spent_id_pkey primary key (market_id, device_id, id),
  constraint device_spent_id_id_check check (char_length(id) between 1 and 64),
  constraint device_spent_id_market_id_device_id_fkey foreign key (market_id, device_id) references device(market_id, id) on delete cascade on update no action
);
alter table device_spent_id
  alter column id set statistics 0;

set role bulkhead_context;

-- The market of a till's statement, whatever state till and market are in; NULL unless the till is one of this market's.
create function app.till_market_id() returns uuid
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  part constant text[] := app.claims();
begin
  perform from public.device where device.market_id = part[10]::uuid and device.id = part[11]::uuid;
  return case when found then part[10]::uuid end;
end
$$;

-- Makes the till that a code stands for, once. No row when the code is unknown, used, past its end, or its market is not
-- active: all alike. Its row is locked until the transaction ends, so that of two with the same code one finds it used;
-- what fails later (a plan's limit among it) leaves the code as it was. The gate has seen the key's proof. The key that
-- the code was used by gets the same answer again within the ten minutes: the first one may have been lost.
create function app.pair_device(digest text, public_key jsonb, thumbprint text, app_version text, receipt text)
returns table (market_id uuid, device_id uuid)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  pairing public.device_pairing;
begin
  update public.device_pairing as opened set used_at = statement_timestamp()
    from public.market
    where opened.code_digest = pair_device.digest and opened.used_at is null
      and opened.expires_at > statement_timestamp()
      and market.id = opened.market_id and market.state = 'active'
    returning opened.* into pairing;
  if not found then
    return query select device.market_id, device.id
      from public.device_pairing as used
        join public.device on device.market_id = used.market_id and device.id = used.id
        join public.market on market.id = used.market_id
      where used.code_digest = pair_device.digest and used.expires_at > statement_timestamp()
        and device.thumbprint = pair_device.thumbprint and device.state = 'active' and market.state = 'active';
    return;
  end if;
  insert into public.device (market_id, id, branch_id, name, public_key, thumbprint, app_version, created_by)
    values (pairing.market_id, pairing.id, pairing.branch_id, pairing.name,
      pair_device.public_key, pair_device.thumbprint, pair_device.app_version, pairing.created_by);
  insert into public.audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action,
      subject_type, subject_id, details, receipt)
    values (pairing.market_id, app.uuid_at(statement_timestamp()), statement_timestamp(), 'device', 'device', pairing.id,
      pairing.name, 'device.pair', 'device', pairing.id, jsonb_build_object('name', pairing.name), pair_device.receipt);
  return query select pairing.market_id, pairing.id;
end
$$;

-- What a policy can't say, because it sees one row and not two: a till keeps its key and its branch, and one that was
-- revoked stays it. Who revoked it and when is what happened, whatever the statement says.
create function app.keep_device() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if (new.market_id, new.id, new.branch_id, new.public_key, new.thumbprint, new.created_by, new.paired_at)
    is distinct from (old.market_id, old.id, old.branch_id, old.public_key, old.thumbprint, old.created_by, old.paired_at)
  then
    raise exception 'a till keeps its key and its branch' using errcode = 'BH021';
  end if;
  if old.state = 'revoked' then
    if (new.state, new.revoked_at, new.revoked_by) is distinct from (old.state, old.revoked_at, old.revoked_by) then
      raise exception 'a till that was revoked stays it' using errcode = 'BH020';
    end if;
  elsif new.state = 'revoked' then
    new.revoked_at := statement_timestamp();
    new.revoked_by := app.actor_id();
  end if;
  return new;
end
$$;

revoke all on function app.till_market_id(), app.pair_device(text, jsonb, text, text, text), app.keep_device() from public;
grant execute on function app.till_market_id() to bulkhead_owner, bulkhead_device;
grant execute on function app.pair_device(text, jsonb, text, text, text) to bulkhead_partner_gate;
grant execute on function app.keep_device() to bulkhead_owner;
reset role;

create trigger device_kept before update on device for each row execute function app.keep_device();

alter table device_pairing enable row level security;
alter table device_pairing force row level security;
create policy partner_select on device_pairing for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select (
  market_id, id, branch_id, name, created_by, created_at, expires_at, used_at
) on device_pairing to bulkhead_partner;
create policy partner_insert on device_pairing for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, branch_id, name, code_digest, created_at
) on device_pairing to bulkhead_partner;
create policy partner_delete on device_pairing for delete to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))));
grant delete on device_pairing to bulkhead_partner;
create policy admin_select on device_pairing for select to bulkhead_admin
  using ((select app.is_staff()));
grant select (
  market_id, id, branch_id, name, created_by, created_at, expires_at, used_at
) on device_pairing to bulkhead_admin;
create policy context_select on device_pairing for select to bulkhead_context
  using (true);
grant select on device_pairing to bulkhead_context;
create policy context_update on device_pairing for update to bulkhead_context
  using (true)
  with check (true);
grant update (
  used_at
) on device_pairing to bulkhead_context;

alter table device_spent_id enable row level security;
alter table device_spent_id force row level security;
create policy device_select on device_spent_id for select to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (device_id = (select app.device_id()))));
grant select on device_spent_id to bulkhead_device;
create policy device_insert on device_spent_id for insert to bulkhead_device
  with check (((market_id = (select app.device_market_id())) and (device_id = (select app.device_id()))));
grant insert (
  market_id, device_id, id, expires_at
) on device_spent_id to bulkhead_device;
create policy device_delete on device_spent_id for delete to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (device_id = (select app.device_id()))));
grant delete on device_spent_id to bulkhead_device;

-- A till is told all of its own row but who in the team added or revoked it.
revoke select on device from bulkhead_device;
grant select (
  market_id, id, branch_id, name, state, public_key, thumbprint, app_version, queue_depth, clock_skew_ms, paired_at,
  last_seen_at, revoked_at
) on device to bulkhead_device;

-- For the key that asks a second time.
grant select (thumbprint) on device to bulkhead_context;
create policy context_insert on device for insert to bulkhead_context
  with check (true);
grant insert (
  market_id, id, branch_id, name, public_key, thumbprint, app_version, created_by
) on device to bulkhead_context;

create policy device_insert on audit_entry for insert to bulkhead_device
  with check (((market_id = (select app.till_market_id())) and (actor_id = (select app.device_id())) and (surface = 'device')));
grant insert (
  market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id, details, receipt
) on audit_entry to bulkhead_device;
create policy context_insert on audit_entry for insert to bulkhead_context
  with check (true);
grant insert (
  market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id, details, receipt
) on audit_entry to bulkhead_context;
