-- How many receipts were lost is forgotten with the receipts that were kept at the time.
-- widens: receipt_loss.select for bulkhead_partner_gate: it sees when a loss older than a week was, to let it go
-- widens: receipt_loss.delete for bulkhead_partner_gate: lets go of losses past the retention, never one of the last week
-- widens: receipt_loss.select for bulkhead_admin_gate: it sees when a loss older than a week was, to let it go
-- widens: receipt_loss.delete for bulkhead_admin_gate: lets go of losses past the retention, never one of the last week

create policy admin_gate_select on receipt_loss for select to bulkhead_admin_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant select (
  at
) on receipt_loss to bulkhead_admin_gate;
create policy admin_gate_delete on receipt_loss for delete to bulkhead_admin_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant delete on receipt_loss to bulkhead_admin_gate;
create policy partner_gate_select on receipt_loss for select to bulkhead_partner_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant select (
  at
) on receipt_loss to bulkhead_partner_gate;
create policy partner_gate_delete on receipt_loss for delete to bulkhead_partner_gate
  using ((at < (current_timestamp - '7 days'::interval)));
grant delete on receipt_loss to bulkhead_partner_gate;
