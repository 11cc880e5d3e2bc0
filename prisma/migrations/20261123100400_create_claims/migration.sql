-- A shopper's claim of an offer. Limits are kept by triggers, whatever statement writes the claim: they run with the
-- rights of the context's owner, whose policies hold them to the market of the signed context.

-- One row an offer: every claim of the offer waits for it in turn, which is what makes the limit exact.
create table offer_claims (
  market_id uuid not null default app.market_id(),
  offer_id uuid not null,
  claimed integer not null default 0,

  constraint offer_claims_pkey primary key (market_id, offer_id),
  constraint offer_claims_claimed_check check (claimed >= 0),
  constraint offer_claims_market_id_offer_id_fkey foreign key (market_id, offer_id) references offer(market_id, id) on delete restrict on update no action
);
alter table offer_claims alter column claimed set statistics 0;
alter table offer_claims enable row level security;
alter table offer_claims force row level security;
create policy partner_select on offer_claims for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on offer_claims to bulkhead_partner;
create policy admin_select on offer_claims for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on offer_claims to bulkhead_admin;
create policy public_select on offer_claims for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (offer_id in (select offer.id from offer))));
grant select on offer_claims to bulkhead_public;
create policy context_select on offer_claims for select to bulkhead_context
  using ((market_id = (select app.signed_market_id())));
grant select on offer_claims to bulkhead_context;
create policy context_insert on offer_claims for insert to bulkhead_context
  with check ((market_id = (select app.signed_market_id())));
grant insert (
  market_id, offer_id
) on offer_claims to bulkhead_context;
create policy context_update on offer_claims for update to bulkhead_context
  using ((market_id = (select app.signed_market_id())))
  with check ((market_id = (select app.signed_market_id())));
grant update (
  claimed
) on offer_claims to bulkhead_context;

-- What was claimed is kept as it was then: the shopper sees it after the offer has ended, and the till honours it.
-- shopper_id is NULL once the shopper has had their data deleted: the market keeps the redemption, not the person.
create table claim (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  offer_id uuid not null,
  shopper_id uuid,
  code text not null default '',
  state text not null default 'open',
  title_en text not null default '',
  title_ar text not null default '',
  price integer not null default 0,
  currency text not null default 'SAR',
  claimed_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3),
  redeemed_at timestamptz(3),
  redeemed_by uuid,
  branch_id uuid,

  constraint claim_pkey primary key (market_id, id),
  constraint claim_state_check check (state in ('open', 'redeemed', 'cancelled')),
  constraint claim_redeemed_check check ((state = 'redeemed') = (redeemed_at is not null)),
  constraint claim_market_id_offer_id_fkey foreign key (market_id, offer_id) references offer(market_id, id) on delete restrict on update no action,
  constraint claim_market_id_shopper_id_fkey foreign key (market_id, shopper_id) references shopper(market_id, id) on delete restrict on update no action,
  constraint claim_market_id_branch_id_fkey foreign key (market_id, branch_id) references branch(market_id, id) on delete restrict on update no action
);
create unique index claim_market_id_code_key on claim(market_id, code);
create index claim_market_id_claimed_at_id_idx on claim(market_id, claimed_at, id);
create index claim_market_id_offer_id_shopper_id_idx on claim(market_id, offer_id, shopper_id);
create index claim_market_id_shopper_id_claimed_at_idx on claim(market_id, shopper_id, claimed_at);
alter table claim
  alter column code set statistics 0,
  alter column title_en set statistics 0,
  alter column title_ar set statistics 0,
  alter column price set statistics 0,
  alter column currency set statistics 0;
alter table claim enable row level security;
alter table claim force row level security;
create policy partner_select on claim for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on claim to bulkhead_partner;
create policy partner_update on claim for update to bulkhead_partner
  using ((market_id = (select app.market_id())))
  with check ((market_id = (select app.market_id())));
grant update (
  state, branch_id
) on claim to bulkhead_partner;
create policy admin_select on claim for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on claim to bulkhead_admin;
create policy public_select on claim for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant select on claim to bulkhead_public;
create policy public_insert on claim for insert to bulkhead_public
  with check (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant insert (
  market_id, id, offer_id, shopper_id
) on claim to bulkhead_public;
create policy context_select on claim for select to bulkhead_context
  using ((market_id = (select app.signed_market_id())));
grant select on claim to bulkhead_context;
create policy context_update on claim for update to bulkhead_context
  using ((market_id = (select app.signed_market_id())))
  with check ((market_id = (select app.signed_market_id())));
grant update (
  shopper_id
) on claim to bulkhead_context;
create policy context_delete on claim for delete to bulkhead_context
  using ((market_id = (select app.signed_market_id())));
grant delete on claim to bulkhead_context;

set role bulkhead_context;

-- Eight characters that nobody confuses when reading them out: 40 bits of a random UUID.
create function app.new_claim_code() returns text
language sql volatile parallel safe
set search_path = pg_catalog, pg_temp
return (
  select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (get_byte(noise.bytes, place) & 31) + 1, 1), '')
  from (select decode(translate(right(gen_random_uuid()::text, 12) || left(gen_random_uuid()::text, 8), '-', ''), 'hex') as bytes) as noise,
    generate_series(0, 7) as place
);

-- BH001 no such offer now, BH002 all claimed, BH003 this shopper has had theirs.
create function app.take_claim() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  asked record;
begin
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

-- BH004 redeemed or cancelled already, BH005 past its end. Only ever open → redeemed; who and when are not the caller's to say.
create function app.redeem_claim() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state <> 'open' or new.state <> 'redeemed' then
    raise exception 'the claim is not open' using errcode = 'BH004';
  end if;
  if old.expires_at <= statement_timestamp() then
    raise exception 'the claim has expired' using errcode = 'BH005';
  end if;
  new.redeemed_at := statement_timestamp();
  new.redeemed_by := app.actor_id();
  return new;
end
$$;

-- Figures of claims and redemptions come from the claims alone: no request can report one that did not happen.
create function app.record_claim_event() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  instant constant timestamptz(3) := coalesce(new.redeemed_at, new.claimed_at);
  event constant uuid := app.uuid_at(instant);
begin
  insert into public.offer_event (market_id, id, offer_id, branch_id, kind, occurred_at)
  values (new.market_id, event, new.offer_id, new.branch_id, case tg_op when 'INSERT' then 'claim' else 'redeem' end,
    app.uuid_time(event));
  return null;
end
$$;

-- Deletes the shopper of the signed context with everything that says who it was. Open claims go back to the offer;
-- redeemed ones stay, without the person.
create function app.erase_shopper() returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.public_market_id();
  self constant uuid := app.shopper_id();
begin
  if market is null or self is null then
    return false;
  end if;
  update public.offer_claims as counter set claimed = greatest(counter.claimed - given_back.number, 0)
    from (
      select claim.offer_id, count(*)::int as number from public.claim
      where claim.market_id = market and claim.shopper_id = self and claim.state = 'open'
      group by claim.offer_id
    ) as given_back
    where counter.market_id = market and counter.offer_id = given_back.offer_id;
  delete from public.claim where claim.market_id = market and claim.shopper_id = self and claim.state <> 'redeemed';
  update public.claim set shopper_id = null where claim.market_id = market and claim.shopper_id = self;
  delete from public.shopper_session as session where session.market_id = market and session.shopper_id = self;
  delete from public.shopper_contact as contact where contact.market_id = market and contact.shopper_id = self;
  delete from public.shopper where shopper.market_id = market and shopper.id = self;
  return found;
end
$$;

revoke all on function app.new_claim_code(), app.take_claim(), app.redeem_claim(), app.record_claim_event(), app.erase_shopper()
  from public;
grant execute on function app.take_claim(), app.redeem_claim(), app.record_claim_event() to bulkhead_owner;
grant execute on function app.erase_shopper() to bulkhead_public;
reset role;

create trigger claim_taken before insert on claim for each row execute function app.take_claim();
create trigger claim_redeemed before update of state on claim for each row execute function app.redeem_claim();
create trigger claim_recorded after insert on claim for each row execute function app.record_claim_event();
create trigger claim_redemption_recorded after update of state on claim for each row execute function app.record_claim_event();
