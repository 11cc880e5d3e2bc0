-- Tills: a surface of their own. What one may see hangs on its row, which is asked at each statement.

create table device (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  branch_id uuid not null,
  name text not null,
  state text not null default 'active',
  public_key jsonb not null,
  thumbprint text not null,
  app_version text not null default '',
  queue_depth integer not null default 0,
  clock_skew_ms bigint not null default 0,
  created_by uuid not null,
  paired_at timestamptz(3) not null default current_timestamp,
  last_seen_at timestamptz(3),
  revoked_at timestamptz(3),
  revoked_by uuid,

  constraint device_pkey primary key (market_id, id),
  constraint device_name_check check (char_length(name) between 1 and 60),
  constraint device_state_check check (state in ('active', 'revoked')),
  constraint device_revoked_check check ((state = 'revoked') = (revoked_at is not null)),
  constraint device_app_version_check check (char_length(app_version) <= 40),
  constraint device_queue_depth_check check (queue_depth >= 0),
  constraint device_market_id_branch_id_fkey foreign key (market_id, branch_id) references branch(market_id, id) on delete restrict on update no action
);
create index device_market_id_paired_at_id_idx on device(market_id, paired_at, id);
create index device_market_id_branch_id_idx on device(market_id, branch_id);
alter table device
  alter column name set statistics 0,
  alter column public_key set statistics 0,
  alter column thumbprint set statistics 0,
  alter column app_version set statistics 0,
  alter column queue_depth set statistics 0,
  alter column clock_skew_ms set statistics 0;

set role bulkhead_context;

-- {surface, actor kind, role, market, actor id, market on the partner surface, market on the public surface,
--  publishable key, shopper, market on the device surface, device}, or NULL at any doubt. From the sixth on they are
-- NULL where they do not apply.
create or replace function app.claims() returns text[]
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  context constant text := current_setting('app.context', true);
  part text[];
  signing record;
  mac bytea;
begin
  if context is null or context = '' or length(context) > 400 then
    return null;
  end if;
  part := string_to_array(context, '|');
  if cardinality(part) <> 10 or part[1] <> 'v1' then
    return null;
  end if;
  select surface, inner_pad, outer_pad, binds_pid into signing
    from vault.context_key where kid = part[2] and retired_at is null;
  if not found or signing.surface <> part[3] then
    return null;
  end if;
  mac := sha256(signing.outer_pad || sha256(signing.inner_pad
    || convert_to(left(context, length(context) - length(part[10]) - 1), 'UTF8')));
  if sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <> sha256(convert_to(part[10], 'UTF8')) then
    return null;
  end if;
  -- Below here every part was written by a process that holds the key.
  if signing.binds_pid and part[8]::integer <> pg_backend_pid() then
    return null;
  end if;
  if part[9]::bigint < extract(epoch from statement_timestamp()) then
    return null;
  end if;
  return array[
    part[3], part[5], part[7], part[4], part[6],
    case when part[3] = 'partner' then nullif(part[4], '') end,
    case when part[3] = 'public' then nullif(part[4], '') end,
    case when part[3] = 'public' and part[5] = 'key' then part[6] end,
    case when part[3] = 'public' and part[5] = 'shopper' then part[6] end,
    case when part[3] = 'device' then nullif(part[4], '') end,
    case when part[3] = 'device' and part[5] = 'device' then part[6] end
  ];
end
$$;

-- The till that the context names, whatever has become of it since.
create function app.device_id() returns uuid
language sql stable parallel restricted
return (app.claims())[11]::uuid;

-- The market of a till's statement: NULL unless the till is one of this market's and not revoked, and the market active.
create function app.device_market_id() returns uuid
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  part constant text[] := app.claims();
begin
  perform from public.device join public.market on market.id = device.market_id
    where device.market_id = part[10]::uuid and device.id = part[11]::uuid
      and device.state = 'active' and market.state = 'active';
  return case when found then part[10]::uuid end;
end
$$;

-- The branch that it stands in, under the same conditions.
create function app.device_branch_id() returns uuid
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  part constant text[] := app.claims();
begin
  return (
    select device.branch_id from public.device join public.market on market.id = device.market_id
    where device.market_id = part[10]::uuid and device.id = part[11]::uuid
      and device.state = 'active' and market.state = 'active'
  );
end
$$;

revoke all on function app.device_id(), app.device_market_id(), app.device_branch_id() from public;
grant execute on function app.device_id(), app.device_market_id(), app.device_branch_id() to bulkhead_owner, bulkhead_device;
grant execute on function app.claims(), app.actor_id(), app.market_id(), app.market_id_as(text), app.is_staff(), app.is_operator()
  to bulkhead_device;
reset role;

alter table device enable row level security;
alter table device force row level security;
create policy partner_select on device for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on device to bulkhead_partner;
create policy partner_update on device for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))))
  with check ((market_id = (select app.market_id_as('manager'))));
grant update (
  name, state, revoked_at, revoked_by
) on device to bulkhead_partner;
create policy admin_select on device for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on device to bulkhead_admin;
create policy device_select on device for select to bulkhead_device
  using ((id = (select app.device_id())));
grant select on device to bulkhead_device;
create policy device_update on device for update to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (id = (select app.device_id()))))
  with check (((market_id = (select app.device_market_id())) and (id = (select app.device_id()))));
grant update (
  app_version, queue_depth, clock_skew_ms, last_seen_at
) on device to bulkhead_device;
create policy context_select on device for select to bulkhead_context
  using (true);
grant select (
  market_id, id, branch_id, state
) on device to bulkhead_context;

create policy device_select on market for select to bulkhead_device
  using ((id = (select app.device_market_id())));
grant select (
  id, slug, name_en, name_ar, state, locale, time_zone, currency
) on market to bulkhead_device;

create policy device_select on branch for select to bulkhead_device
  using (((market_id = (select app.device_market_id())) and (id = (select app.device_branch_id()))));
grant select on branch to bulkhead_device;

