-- Returning shoppers: by month of their first claim, how many claimed in each month since, by the market's calendar.
-- Counted ahead, because asking the claims themselves takes longer the more there are. Counts alone: no row, and no
-- difference between two countings, says more of a shopper than the claims that the market sees anyway.

create table claim_cohort (
  market_id uuid not null default app.market_id(),
  first date not null,
  month date not null,
  shoppers integer not null,

  constraint claim_cohort_pkey primary key (market_id, first, month),
  constraint claim_cohort_month_check check (month >= first),
  constraint claim_cohort_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table claim_cohort alter column shoppers set statistics 0;
alter table claim_cohort enable row level security;
alter table claim_cohort force row level security;
create policy partner_select on claim_cohort for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on claim_cohort to bulkhead_partner;
create policy admin_select on claim_cohort for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on claim_cohort to bulkhead_admin;
create policy context_select on claim_cohort for select to bulkhead_context
  using ((market_id = (select app.market_id())));
grant select on claim_cohort to bulkhead_context;
create policy context_insert on claim_cohort for insert to bulkhead_context
  with check ((market_id = (select app.market_id())));
grant insert (
  market_id, first, month, shoppers
) on claim_cohort to bulkhead_context;
create policy context_delete on claim_cohort for delete to bulkhead_context
  using ((market_id = (select app.market_id())));
grant delete on claim_cohort to bulkhead_context;

set role bulkhead_context;

-- Counts anew for the market of the signed context. Any user of the market could call it and would change nothing that
-- is right. Redeemed claims of shoppers who had their data deleted belong to nobody and count nowhere.
-- @returns how many rows there are now.
create function app.count_cohorts() returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  self constant uuid := app.market_id();
  zone text;
  counted integer;
begin
  if self is null then
    return 0;
  end if;
  select market.time_zone into zone from public.market where market.id = self;
  -- One at a time for a market, on the row that counting of events waits for too.
  insert into public.rollup_state (market_id, time_zone) values (self, zone) on conflict (market_id) do nothing;
  perform from public.rollup_state as state where state.market_id = self for update;
  delete from public.claim_cohort as stale where stale.market_id = self;
  with shopper_month as (
    select claim.shopper_id, date_trunc('month', claim.claimed_at at time zone zone)::date as month
    from public.claim
    where claim.market_id = self and claim.shopper_id is not null
    group by 1, 2
  ), from_first as (
    select min(month) over (partition by shopper_id) as first, month from shopper_month
  )
  insert into public.claim_cohort (market_id, first, month, shoppers)
    select self, first, month, count(*) from from_first group by first, month;
  get diagnostics counted = row_count;
  return counted;
end
$$;

revoke all on function app.count_cohorts() from public;
grant execute on function app.count_cohorts() to bulkhead_partner;
reset role;
