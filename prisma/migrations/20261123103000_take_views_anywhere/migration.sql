-- A market that has no open branch has views of its offers all the same: NULL is in no empty list, but it need not be.
alter policy public_insert on offer_event
  with check (((market_id = (select app.public_market_id())) and (kind = 'view') and (occurred_at > (current_timestamp - '7 days'::interval)) and (occurred_at < (current_timestamp + '00:05:00'::interval)) and (offer_id in (select offer.id from offer)) and case when (branch_id is not null) then (branch_id in (select branch.id from branch)) else true end));
