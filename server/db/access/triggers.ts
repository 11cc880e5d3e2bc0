const AUDIT_TABLES = [
  'audit_entry',
  'audit_link',
  'audit_head',
  'audit_checkpoint',
  'platform_audit_entry',
  'platform_audit_link',
  'platform_audit_head',
  'platform_audit_checkpoint',
  'audit_anchor',
  'audit_check',
];

/** A head moves; everything else of the trail stays as it was written, and goes only behind a checkpoint. */
const kept = (table: string): [string, string][] => {
  const trigger = (name: string, when: string, level: string, calls: string): [string, string] => [
    name,
    `CREATE TRIGGER ${name} BEFORE ${when} ON public.${table} FOR EACH ${level} EXECUTE FUNCTION app.${calls}()`,
  ];
  const when = table.endsWith('_head') ? 'DELETE OR TRUNCATE' : 'DELETE OR UPDATE OR TRUNCATE';
  return [
    trigger(`${table}_kept`, when, 'STATEMENT', 'keep_trail'),
    ...(/_(entry|link)$/.test(table) ? [trigger(`${table}_let_go`, 'DELETE', 'ROW', 'keep_unproved')] : []),
  ];
};

/**
 * Every trigger of schema public, as PostgreSQL words it. Claims' limits, plans' limits, who redeemed what, and what rollups
 * have to count all hang on them: one that is gone or switched off would let rows through that no policy stops.
 */
export const triggers: Readonly<Record<string, string>> = {
  support_session_kept:
    'CREATE TRIGGER support_session_kept BEFORE UPDATE ON public.support_session FOR EACH ROW EXECUTE FUNCTION app.keep_support_session()',
  receipt_support_noted:
    "CREATE TRIGGER receipt_support_noted AFTER INSERT ON public.receipt FOR EACH ROW WHEN (((new.support_session_id IS NOT NULL) AND (new.method = ANY (ARRAY['GET'::text, 'HEAD'::text])))) EXECUTE FUNCTION app.note_support_read()",
  device_kept:
    'CREATE TRIGGER device_kept BEFORE UPDATE ON public.device FOR EACH ROW EXECUTE FUNCTION app.keep_device()',
  claim_taken:
    'CREATE TRIGGER claim_taken BEFORE INSERT ON public.claim FOR EACH ROW EXECUTE FUNCTION app.take_claim()',
  claim_redeemed:
    'CREATE TRIGGER claim_redeemed BEFORE UPDATE OF state, branch_id ON public.claim FOR EACH ROW EXECUTE FUNCTION app.redeem_claim()',
  claim_recorded:
    'CREATE TRIGGER claim_recorded AFTER INSERT ON public.claim FOR EACH ROW EXECUTE FUNCTION app.record_claim_event()',
  claim_redemption_recorded:
    'CREATE TRIGGER claim_redemption_recorded AFTER UPDATE ON public.claim REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.record_redemptions()',
  offer_event_queued:
    'CREATE TRIGGER offer_event_queued AFTER INSERT ON public.offer_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.queue_rollup()',
  event_day_added:
    'CREATE TRIGGER event_day_added AFTER INSERT ON public.event_day REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.count_parts()',
  event_day_removed:
    'CREATE TRIGGER event_day_removed AFTER DELETE ON public.event_day REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.count_parts()',
  branch_added:
    "CREATE TRIGGER branch_added AFTER INSERT ON public.branch REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('branches', 'open')",
  branch_changed:
    "CREATE TRIGGER branch_changed AFTER UPDATE ON public.branch REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('branches', 'open')",
  branch_removed:
    "CREATE TRIGGER branch_removed AFTER DELETE ON public.branch REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('branches', 'open')",
  team_member_added:
    "CREATE TRIGGER team_member_added AFTER INSERT ON public.team_member REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('members', 'active,invited')",
  team_member_changed:
    "CREATE TRIGGER team_member_changed AFTER UPDATE ON public.team_member REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('members', 'active,invited')",
  team_member_removed:
    "CREATE TRIGGER team_member_removed AFTER DELETE ON public.team_member REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('members', 'active,invited')",
  device_added:
    "CREATE TRIGGER device_added AFTER INSERT ON public.device REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('devices', 'active')",
  device_changed:
    "CREATE TRIGGER device_changed AFTER UPDATE ON public.device REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('devices', 'active')",
  device_removed:
    "CREATE TRIGGER device_removed AFTER DELETE ON public.device REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION app.count_standing('devices', 'active')",
  offer_added:
    'CREATE TRIGGER offer_added AFTER INSERT ON public.offer REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.count_live_offers()',
  offer_changed:
    'CREATE TRIGGER offer_changed AFTER UPDATE ON public.offer REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.count_live_offers()',
  offer_removed:
    'CREATE TRIGGER offer_removed AFTER DELETE ON public.offer REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION app.count_live_offers()',
  market_moved:
    'CREATE TRIGGER market_moved AFTER UPDATE OF plan_id ON public.market FOR EACH ROW WHEN ((old.plan_id IS DISTINCT FROM new.plan_id)) EXECUTE FUNCTION app.touch_limits()',
  plan_changed:
    'CREATE TRIGGER plan_changed AFTER UPDATE ON public.plan FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION app.touch_limits()',
  limit_override_changed:
    'CREATE TRIGGER limit_override_changed AFTER INSERT OR UPDATE ON public.limit_override FOR EACH ROW EXECUTE FUNCTION app.touch_limits()',
  offer_added_noted:
    "CREATE TRIGGER offer_added_noted AFTER INSERT ON public.offer FOR EACH ROW WHEN ((new.state = 'live'::text)) EXECUTE FUNCTION app.note_offer()",
  offer_noted:
    "CREATE TRIGGER offer_noted AFTER UPDATE ON public.offer FOR EACH ROW WHEN (((old.state = 'live'::text) OR (new.state = 'live'::text))) EXECUTE FUNCTION app.note_offer()",
  offer_removed_noted:
    'CREATE TRIGGER offer_removed_noted AFTER DELETE ON public.offer FOR EACH ROW EXECUTE FUNCTION app.note_offer()',
  offer_branch_noted:
    'CREATE CONSTRAINT TRIGGER offer_branch_noted AFTER INSERT OR DELETE OR UPDATE ON public.offer_branch DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.note_offer_branch()',
  claim_noted:
    'CREATE TRIGGER claim_noted AFTER INSERT OR DELETE ON public.claim FOR EACH ROW EXECUTE FUNCTION app.note_claim()',
  claims_noted:
    'CREATE TRIGGER claims_noted AFTER UPDATE ON public.claim REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.note_claims()',
  market_noted:
    'CREATE TRIGGER market_noted AFTER INSERT OR UPDATE ON public.market FOR EACH ROW EXECUTE FUNCTION app.note_market()',
  branch_noted:
    'CREATE TRIGGER branch_noted AFTER INSERT OR UPDATE ON public.branch FOR EACH ROW EXECUTE FUNCTION app.note_branch()',
  redemption_settled:
    'CREATE TRIGGER redemption_settled AFTER INSERT ON public.redemption REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.settle_redemptions()',
  redemption_resolved:
    'CREATE TRIGGER redemption_resolved BEFORE UPDATE OF resolution, resolution_note ON public.redemption FOR EACH ROW EXECUTE FUNCTION app.keep_resolution()',
  device_leases_ended:
    "CREATE TRIGGER device_leases_ended AFTER UPDATE OF state ON public.device FOR EACH ROW WHEN (((new.state = 'revoked'::text) AND (old.state <> 'revoked'::text))) EXECUTE FUNCTION app.end_leases()",
  audit_entry_chained:
    'CREATE CONSTRAINT TRIGGER audit_entry_chained AFTER INSERT ON public.audit_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.chain_entry()',
  platform_audit_entry_chained:
    'CREATE CONSTRAINT TRIGGER platform_audit_entry_chained AFTER INSERT ON public.platform_audit_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.chain_platform_entry()',
  ...Object.fromEntries(AUDIT_TABLES.flatMap(kept)),
};
