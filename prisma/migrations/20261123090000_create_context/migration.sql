-- The verified context: what every policy asks. Roles and the schemas app and vault exist already
-- (scripts/roles.ts); the session runs as bulkhead_owner, which may become bulkhead_context.

set role bulkhead_context;

-- Signing keys as the two halves that HMAC-SHA256 hashes first (RFC 2104): key xor ipad, key xor opad. No
-- application role may enter this schema. One key serves one surface, so that the partner process, whatever
-- runs in it, can't sign a staff context. binds_pid is false only behind a pooler that hides the backend.
create table vault.context_key (
  kid text not null,
  surface text not null,
  inner_pad bytea not null,
  outer_pad bytea not null,
  binds_pid boolean not null default true,
  created_at timestamptz not null default now(),
  retired_at timestamptz,

  constraint context_key_pkey primary key (kid),
  constraint context_key_kid_check check (kid ~ '^[a-z0-9-]{1,40}$'),
  constraint context_key_surface_check check (surface in ('admin', 'partner', 'device', 'public')),
  constraint context_key_pad_check check (octet_length(inner_pad) = 64 and octet_length(outer_pad) = 64)
);

-- {surface, actor kind, role, market, actor id} of the transaction's context, or NULL at any doubt.
-- Sent as 'v1|kid|surface|market|kind|actor|role|pid|expiry|mac' (server/market/context.ts).
-- STABLE, because IMMUTABLE would let a cached plan serve the wrong market. PARALLEL RESTRICTED, because a
-- parallel worker has a pid of its own. The MAC is compared through a second hash, so that the time of the
-- comparison says nothing about it.
create function app.claims() returns text[]
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
  -- Below here every part was written by a portal that holds the key.
  if signing.binds_pid and part[8]::integer <> pg_backend_pid() then
    return null;
  end if;
  if part[9]::bigint < extract(epoch from statement_timestamp()) then
    return null;
  end if;
  return array[part[3], part[5], part[7], part[4], part[6]];
end
$$;

-- The wrappers have standard bodies, bound when they were made (no search_path can change what they mean),
-- and are inlined, so each costs one verification a statement.
create function app.market_id() returns uuid
language sql stable parallel restricted
return nullif((app.claims())[4], '')::uuid;

create function app.actor_id() returns uuid
language sql stable parallel restricted
return (app.claims())[5]::uuid;

-- The market, when the actor's role there is at least the given one: analyst < manager < owner.
create function app.market_id_as(level text) returns uuid
language sql stable parallel restricted
return (
  select nullif(claim.part[4], '')::uuid
  from (select app.claims() as part) as claim
  where array_position(array['analyst', 'manager', 'owner'], claim.part[3])
    >= array_position(array['analyst', 'manager', 'owner'], level)
);

create function app.is_staff() returns boolean
language sql stable parallel restricted
return coalesce((app.claims())[1:2] = array['admin', 'staff'], false);

create function app.is_operator() returns boolean
language sql stable parallel restricted
return coalesce((app.claims())[1:3] = array['admin', 'staff', 'operator'], false);

-- Text as it is searched: lower case, Arabic without vowel marks and tatweel, with alef, yeh and teh marbuta
-- variants folded to one letter each. Stored, because lower(x) in a condition loses its index under
-- row-level security. server/market/fold.ts does the same to what a person types.
create function app.fold(words text) returns text
language sql immutable strict parallel safe
return translate(
  lower(words collate "C"),
  'أإآٱىةؤئ' || 'ـًٌٍَُِّْٰ',
  'ااااي' || 'هوي'
);

-- One value for the content of an offer. IMMUTABLE is true: epochs do not depend on the time zone, and
-- quote_nullable keeps the parts apart, so no two contents share an input.
create function app.offer_digest(
  submission integer, title_en text, title_ar text, text_en text, text_ar text, price integer, old_price integer,
  currency text, category_id uuid, image_id uuid, starts_at timestamptz, ends_at timestamptz
) returns text
language sql immutable parallel safe
return encode(sha256(convert_to(
  concat_ws(',', submission, quote_nullable(title_en), quote_nullable(title_ar), quote_nullable(text_en),
    quote_nullable(text_ar), price, quote_nullable(old_price), quote_nullable(currency), quote_nullable(category_id),
    quote_nullable(image_id), quote_nullable(extract(epoch from starts_at)), quote_nullable(extract(epoch from ends_at))),
  'UTF8')), 'hex');

revoke all on all functions in schema app from public;
grant execute on all functions in schema app to
  bulkhead_owner, bulkhead_admin, bulkhead_partner, bulkhead_admin_gate, bulkhead_partner_gate;

reset role;
