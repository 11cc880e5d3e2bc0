-- The verified context knows which surface it was signed for wherever a policy asks: a public context names no market
-- to the partner's policies, and a partner context none to the public ones, whatever connection either turns up on.

set role bulkhead_context;

-- {surface, actor kind, role, market, actor id, market on the partner surface, market on the public surface,
--  publishable key, shopper}, or NULL at any doubt. The last four are NULL where they do not apply.
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
    case when part[3] = 'public' and part[5] = 'shopper' then part[6] end
  ];
end
$$;

create or replace function app.market_id() returns uuid
language sql stable parallel restricted
return (app.claims())[6]::uuid;

create or replace function app.market_id_as(level text) returns uuid
language sql stable parallel restricted
return (
  select claim.part[6]::uuid
  from (select app.claims() as part) as claim
  where array_position(array['analyst', 'manager', 'owner'], claim.part[3])
    >= array_position(array['analyst', 'manager', 'owner'], level)
);

-- The market of the context, whichever surface signed it: for functions of the context's owner, which act for both.
create function app.signed_market_id() returns uuid
language sql stable parallel restricted
return nullif((app.claims())[4], '')::uuid;

create function app.key_id() returns uuid
language sql stable parallel restricted
return (app.claims())[8]::uuid;

create function app.shopper_id() returns uuid
language sql stable parallel restricted
return (app.claims())[9]::uuid;

-- The instant that a UUID v7 carries, to the millisecond. IMMUTABLE is true: to_timestamp(double) does not look at
-- the time zone, and milliseconds of this era fit a double exactly.
create function app.uuid_time(id uuid) returns timestamptz
language sql immutable strict parallel safe
return to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0)::timestamptz(3);

-- A UUID v7 of an instant.
create function app.uuid_at(instant timestamptz) returns uuid
language sql volatile strict parallel safe
return (
  select (left(hex, 8) || '-' || right(hex, 4) || '-7' || substr(noise, 1, 3) || '-a' || substr(noise, 4, 3) || '-'
    || substr(noise, 7, 12))::uuid
  from (
    select lpad(to_hex(floor(extract(epoch from instant) * 1000)::bigint), 12, '0') as hex,
      translate(left(gen_random_uuid()::text, 8) || right(gen_random_uuid()::text, 12), '-', '') as noise
  ) as part
);

revoke all on function app.signed_market_id(), app.key_id(), app.shopper_id(), app.uuid_time(uuid), app.uuid_at(timestamptz)
  from public;
grant execute on function app.signed_market_id(), app.uuid_at(timestamptz) to bulkhead_owner;
grant execute on function app.key_id(), app.shopper_id() to bulkhead_owner, bulkhead_public;
-- A CHECK is evaluated with the rights of whoever writes the row.
grant execute on function app.uuid_time(uuid) to bulkhead_owner, bulkhead_public;
-- What the public surface needs of what is there: its policies, and the search text that is folded as shoppers type it.
grant execute on function app.claims(), app.actor_id(), app.fold(text) to bulkhead_public;
-- The partner gate acts for the public surface before there is a shopper; the statistics' owner asks nothing.
grant execute on function app.market_id(), app.market_id_as(text), app.is_staff(), app.is_operator() to bulkhead_public;

reset role;
