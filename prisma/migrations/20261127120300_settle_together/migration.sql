-- A push redeems hundreds of claims in one statement: their events and what tills are told of them are written together,
-- and the context is verified once and not once a claim.

set role bulkhead_context;

create function app.record_redemptions() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.offer_event (market_id, id, offer_id, branch_id, kind, occurred_at)
    select redeemed.market_id, redeemed.event, redeemed.offer_id, redeemed.branch_id, 'redeem', app.uuid_time(redeemed.event)
    from (
      select fresh.market_id, fresh.offer_id, fresh.branch_id, app.uuid_at(fresh.redeemed_at) as event
      from fresh join gone on gone.market_id = fresh.market_id and gone.id = fresh.id
      where fresh.state = 'redeemed' and gone.state <> 'redeemed'
      offset 0
    ) as redeemed;
  return null;
end
$$;

revoke all on function app.record_redemptions() from public;
grant execute on function app.record_redemptions() to bulkhead_owner;
grant create on schema app to bulkhead_sync;
reset role;
set role bulkhead_sync;

create function app.note_claims() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.sync_change (market_id, row_id, collection, offer_id, xid)
    select fresh.market_id, fresh.id, 'claims', fresh.offer_id, pg_current_xact_id()::text::bigint
    from fresh join gone on gone.market_id = fresh.market_id and gone.id = fresh.id
    where (fresh.state, fresh.branch_id) is distinct from (gone.state, gone.branch_id)
    order by fresh.id
    on conflict (market_id, row_id) do update set xid = excluded.xid;
  return null;
end
$$;

revoke all on function app.note_claims() from public;
grant execute on function app.note_claims() to bulkhead_owner;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_sync;
reset role;

drop trigger claim_redemption_recorded on claim;
create trigger claim_redemption_recorded after update on claim referencing old table as gone new table as fresh
  for each statement execute function app.record_redemptions();
drop trigger claim_noted on claim;
create trigger claim_noted after insert or delete on claim for each row execute function app.note_claim();
create trigger claims_noted after update on claim referencing old table as gone new table as fresh
  for each statement execute function app.note_claims();
