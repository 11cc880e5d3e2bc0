/**
 * Every trigger of schema public, as PostgreSQL words it. Claims' limits, who redeemed what, and what rollups have to
 * count all hang on them: one that is gone or switched off would let rows through that no policy stops.
 */
export const triggers: Readonly<Record<string, string>> = {
  device_kept:
    'CREATE TRIGGER device_kept BEFORE UPDATE ON public.device FOR EACH ROW EXECUTE FUNCTION app.keep_device()',
  claim_taken:
    'CREATE TRIGGER claim_taken BEFORE INSERT ON public.claim FOR EACH ROW EXECUTE FUNCTION app.take_claim()',
  claim_redeemed:
    'CREATE TRIGGER claim_redeemed BEFORE UPDATE OF state, branch_id ON public.claim FOR EACH ROW EXECUTE FUNCTION app.redeem_claim()',
  claim_recorded:
    'CREATE TRIGGER claim_recorded AFTER INSERT ON public.claim FOR EACH ROW EXECUTE FUNCTION app.record_claim_event()',
  claim_redemption_recorded:
    'CREATE TRIGGER claim_redemption_recorded AFTER UPDATE OF state ON public.claim FOR EACH ROW EXECUTE FUNCTION app.record_claim_event()',
  offer_event_queued:
    'CREATE TRIGGER offer_event_queued AFTER INSERT ON public.offer_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.queue_rollup()',
  event_day_added:
    'CREATE TRIGGER event_day_added AFTER INSERT ON public.event_day REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.count_parts()',
  event_day_removed:
    'CREATE TRIGGER event_day_removed AFTER DELETE ON public.event_day REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.count_parts()',
};
