-- Rounds of attacks that the command made lie beside those of the page, for ninety days. Nobody of staff is behind them, so
-- that the admin portal's gate writes them.
-- widens: isolation_probe.* for bulkhead_admin_gate: the command keeps its rounds and drops old ones; those of the page are out of its reach

create policy admin_gate_select on isolation_probe for select to bulkhead_admin_gate
  using (((source = 'command') and (at < (current_timestamp - '90 days'::interval))));
grant select (
  source, at
) on isolation_probe to bulkhead_admin_gate;
create policy admin_gate_insert on isolation_probe for insert to bulkhead_admin_gate
  with check ((source = 'command'));
grant insert (
  id, at, source, attacks, breaches, duration_ms, result
) on isolation_probe to bulkhead_admin_gate;
create policy admin_gate_delete on isolation_probe for delete to bulkhead_admin_gate
  using (((source = 'command') and (at < (current_timestamp - '90 days'::interval))));
grant delete on isolation_probe to bulkhead_admin_gate;
