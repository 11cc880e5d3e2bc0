-- What hangs on an offer asked for the public market twice: in its own policy, and in the offers' that it looks into.
-- The offers' says it of both when market and id are compared together.

alter policy public_select on offer_branch
  using (((market_id, offer_id) in (select offer.market_id, offer.id from offer)));
alter policy public_select on image
  using (((market_id, id) in (select offer.market_id, offer.image_id from offer)));
alter policy public_select on offer_claims
  using (((market_id, offer_id) in (select offer.market_id, offer.id from offer where (offer.claim_limit is not null))));

-- All that those policies ask of offers, so that they need not visit the rows.
create index offer_shown_idx on offer(market_id, state, starts_at, ends_at, claim_limit, id, image_id);

set role bulkhead_context;

-- The market of a public context while it is active and, under a publishable key, while that holds: one look at both.
create or replace function app.public_market_id() returns uuid
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  part constant text[] := app.claims();
begin
  if part is null or part[7] is null then
    return null;
  end if;
  if part[8] is null then
    perform from public.market where id = part[7]::uuid and state = 'active';
  else
    perform from public.market join public.publishable_key as held on held.market_id = market.id
    where market.id = part[7]::uuid and state = 'active' and held.id = part[8]::uuid and revoked_at is null
      and coalesce(expires_at > statement_timestamp(), true);
  end if;
  return case when found then part[7]::uuid end;
end
$$;

reset role;
