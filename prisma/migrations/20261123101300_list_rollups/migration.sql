-- Which markets have figures, for the job that holds them against the events in each market's own context.
create policy partner_gate_select on rollup_state for select to bulkhead_partner_gate
  using (true);
grant select (
  market_id
) on rollup_state to bulkhead_partner_gate;
