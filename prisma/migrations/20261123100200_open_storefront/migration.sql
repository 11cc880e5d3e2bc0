-- What anybody with a market's publishable key may see: live offers inside of their schedule, their pictures and
-- branches, open branches, categories. And how often an offer may be claimed.

-- Not part of what staff approve: a limit may change while the offer is live.
alter table offer
  add column claim_limit integer,
  add column claim_limit_per_shopper integer not null default 1,
  add constraint offer_claim_limit_check check (claim_limit between 1 and 1000000 and claim_limit_per_shopper between 1 and 100);
alter table offer
  alter column claim_limit set statistics 0,
  alter column claim_limit_per_shopper set statistics 0;
grant insert (claim_limit, claim_limit_per_shopper), update (claim_limit, claim_limit_per_shopper) on offer to bulkhead_partner;

create policy public_select on offer for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (state = 'live') and coalesce((starts_at <= current_timestamp), true) and coalesce((ends_at > current_timestamp), true)));
grant select (
  market_id, id, title_en, title_ar, text_en, text_ar, search_text, price, old_price, currency, category_id, image_id, starts_at, ends_at, claim_limit, claim_limit_per_shopper, state, created_at, updated_at
) on offer to bulkhead_public;
create policy context_select on offer for select to bulkhead_context
  using ((market_id = (select app.signed_market_id())));
grant select (
  market_id, id, state, starts_at, ends_at, claim_limit, claim_limit_per_shopper, title_en, title_ar, price, currency
) on offer to bulkhead_context;
create policy public_select on offer_branch for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (offer_id in (select offer.id from offer))));
grant select on offer_branch to bulkhead_public;
create policy public_select on branch for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (state = 'open')));
grant select on branch to bulkhead_public;
create policy public_select on image for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (id in (select offer.image_id from offer))));
grant select on image to bulkhead_public;
create policy public_select on category for select to bulkhead_public
  using (true);
grant select on category to bulkhead_public;
