-- Keys that stand in the source of web pages. Each table with its row-level security, policies and grants.

-- Nothing here is secret: the key's text is its id in another spelling. What a key may do is what the policies of
-- bulkhead_public say; revoking one ends that in the database, not only in the process that was asked.
create table publishable_key (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  name text not null,
  origins text[] default array[]::text[],
  created_by uuid not null,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  last_used_at timestamptz(3),

  constraint publishable_key_pkey primary key (market_id, id),
  constraint publishable_key_name_check check (char_length(name) between 1 and 60),
  constraint publishable_key_origins_check check (origins is not null and cardinality(origins) <= 20),
  constraint publishable_key_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
-- A request brings the key before it knows the market.
create index publishable_key_id_idx on publishable_key(id);
create index publishable_key_market_id_created_at_id_idx on publishable_key(market_id, created_at, id);
alter table publishable_key alter column name set statistics 0, alter column origins set statistics 0;
alter table publishable_key enable row level security;
alter table publishable_key force row level security;
create policy partner_select on publishable_key for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on publishable_key to bulkhead_partner;
create policy partner_insert on publishable_key for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, name, origins, created_by, created_at, expires_at
) on publishable_key to bulkhead_partner;
create policy partner_update on publishable_key for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))))
  with check ((market_id = (select app.market_id_as('manager'))));
grant update (
  name, origins, expires_at, revoked_at
) on publishable_key to bulkhead_partner;
create policy admin_select on publishable_key for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on publishable_key to bulkhead_admin;
create policy public_select on publishable_key for select to bulkhead_public
  using ((id = (select app.key_id())));
grant select on publishable_key to bulkhead_public;
create policy public_update on publishable_key for update to bulkhead_public
  using ((id = (select app.key_id())))
  with check ((id = (select app.key_id())));
grant update (
  last_used_at
) on publishable_key to bulkhead_public;
create policy context_select on publishable_key for select to bulkhead_context
  using (true);
grant select (
  market_id, id, expires_at, revoked_at
) on publishable_key to bulkhead_context;

-- The functions below look at the market's state, address and time zone.
grant select (slug, time_zone) on market to bulkhead_context;

-- The market of a public request, once a statement: NULL unless the market is active and, for a request that came
-- under a key, that key still holds. So a revoked key and a suspended market show nothing, whatever runs.
set role bulkhead_context;
create function app.public_market_id() returns uuid
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  part constant text[] := app.claims();
begin
  if part is null or part[7] is null then
    return null;
  end if;
  perform from public.market where id = part[7]::uuid and state = 'active';
  if not found then
    return null;
  end if;
  if part[8] is not null then
    perform from public.publishable_key
    where market_id = part[7]::uuid and id = part[8]::uuid and revoked_at is null
      and coalesce(expires_at > statement_timestamp(), true);
    if not found then
      return null;
    end if;
  end if;
  return part[7]::uuid;
end
$$;

-- The active market behind the address of a hosted page; addresses of pages are public.
create function app.market_of_slug(asked text) returns uuid
language sql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select market.id from public.market as market where market.slug = asked and market.state = 'active';
end;
revoke all on function app.public_market_id(), app.market_of_slug(text) from public;
grant execute on function app.public_market_id() to bulkhead_owner, bulkhead_public, bulkhead_partner_gate;
grant execute on function app.market_of_slug(text) to bulkhead_public;
reset role;

create policy public_select on market for select to bulkhead_public
  using ((id = (select app.public_market_id())));
grant select (
  id, slug, name_en, name_ar, state, locale, time_zone, currency
) on market to bulkhead_public;

-- What the public surface writes down about itself.
create policy public_insert on audit_entry for insert to bulkhead_public
  with check (((market_id = (select app.public_market_id())) and (actor_id = (select app.actor_id())) and (surface = 'public')));
grant insert (
  market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id, details, receipt
) on audit_entry to bulkhead_public;
