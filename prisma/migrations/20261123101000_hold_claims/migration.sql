-- What the policies alone did not hold. A trigger before the row speaks before its policy does: so it has to ask itself
-- whose claim it is, or its refusals would tell what another shopper has claimed.

set role bulkhead_context;

-- As before, and 42501 for a claim in another's name.
create or replace function app.take_claim() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  asked record;
begin
  if new.shopper_id is distinct from app.shopper_id() then
    raise exception 'new row violates row-level security policy for table "claim"' using errcode = 'insufficient_privilege';
  end if;
  select offer.claim_limit, offer.claim_limit_per_shopper as each, offer.title_en, offer.title_ar, offer.price,
      offer.currency, offer.ends_at
    into asked
    from public.offer
    where offer.market_id = new.market_id and offer.id = new.offer_id and offer.state = 'live'
      and coalesce(offer.starts_at <= current_timestamp, true) and coalesce(offer.ends_at > current_timestamp, true);
  if not found then
    raise exception 'the offer can not be claimed' using errcode = 'BH001';
  end if;
  insert into public.offer_claims (market_id, offer_id) values (new.market_id, new.offer_id)
    on conflict (market_id, offer_id) do nothing;
  update public.offer_claims set claimed = claimed + 1
    where market_id = new.market_id and offer_id = new.offer_id and coalesce(claimed < asked.claim_limit, true);
  if not found then
    raise exception 'all have been claimed' using errcode = 'BH002';
  end if;
  -- Exact: whoever claims the same offer waits for the row above.
  if asked.each <= (
    select count(*) from public.claim
    where claim.market_id = new.market_id and claim.offer_id = new.offer_id and claim.shopper_id = new.shopper_id
      and claim.state <> 'cancelled'
  ) then
    raise exception 'the shopper has had theirs' using errcode = 'BH003';
  end if;
  new.code := app.new_claim_code();
  new.state := 'open';
  new.title_en := asked.title_en;
  new.title_ar := asked.title_ar;
  new.price := asked.price;
  new.currency := asked.currency;
  new.claimed_at := statement_timestamp();
  new.expires_at := asked.ends_at;
  return new;
end
$$;

reset role;

-- A claim's branch says where it was redeemed: it changes with the redemption and never by itself.
drop trigger claim_redeemed on claim;
create trigger claim_redeemed before update of state, branch_id on claim
  for each row execute function app.redeem_claim();

-- How often an offer without a limit was claimed is shown to nobody.
alter policy public_select on offer_claims
  using (((market_id = (select app.public_market_id())) and (offer_id in (select offer.id from offer where (offer.claim_limit is not null)))));

-- A branch that is not shown is, to an event, one that does not exist.
alter policy public_insert on offer_event
  with check (((market_id = (select app.public_market_id())) and (kind = 'view') and (occurred_at > (current_timestamp - '7 days'::interval)) and (occurred_at < (current_timestamp + '00:05:00'::interval)) and (offer_id in (select offer.id from offer)) and coalesce((branch_id in (select branch.id from branch)), true)));
